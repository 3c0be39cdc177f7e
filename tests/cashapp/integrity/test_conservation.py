"""Any sequence of deeds leaves the books whole, one after the other and at the same time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cashapp_service.integrity.use_cases import check_integrity
from shared.events.cashapp import ItemEvent, PaymentEvent
from tests.cashapp.driver import Cashapp, takes

Deed = Callable[["Company", random.Random], Awaitable[Any]]


class Company:
    """A company whose people do all kinds of things to the same few documents."""

    def __init__(self, cashapp: Cashapp) -> None:
        self.cashapp = cashapp
        self.items: list[dict[str, Any]] = []
        self.receipts: list[dict[str, Any]] = []
        self.applications: list[str] = []
        self.refused: list[int] = []

    async def post(self, chance: random.Random) -> None:
        """Post a document."""
        kind = chance.choice(["invoice", "invoice", "debit_memo", "credit_memo"])
        number, amount = f"D-{len(self.items)}-{chance.getrandbits(30)}", f"{chance.randint(1, 9)}0.00"
        terms = chance.choice(["net 30", "10/60 net 90"])
        self.items.append(await self.cashapp.invoice(number, amount, kind=kind, payment_terms=terms))

    async def receive(self, chance: random.Random) -> None:
        """Take money in, from a known payer or an unknown one."""
        payer = {"customer_id": "C-1"} if chance.random() < 0.8 else {}
        day = f"2026-03-{chance.randint(1, 28):02}"
        self.receipts.append(await self.cashapp.receipt(f"{chance.randint(1, 15)}0.00", value_date=day, **payer))

    async def apply(self, chance: random.Random) -> None:
        """Apply some money to some documents, reasonable or not."""
        if not self.receipts or not self.items:
            return
        chosen = chance.sample(self.items, min(len(self.items), chance.randint(1, 3)))
        wanted = [await self._wanted(item, chance) for item in chosen]
        body: dict[str, Any] = {"on_account": chance.choice(["0.00", "0.00", "10.00"])}
        if chance.random() < 0.2:
            body["posting_date"] = f"2026-04-{chance.randint(1, 28):02}"
        answer = await self.cashapp.apply(chance.choice(self.receipts), *wanted, **body)
        self._note(answer.status_code)
        if answer.status_code == 201:
            self.applications.append(answer.json()["id"])

    async def _wanted(self, item: dict[str, Any], chance: random.Random) -> dict[str, Any]:
        balance = Decimal((await self.cashapp.item(item["id"]))["balance"])
        amount = balance if chance.random() < 0.6 else Decimal(chance.randint(1, 60))
        if balance < 0:
            return takes(item, str(-abs(amount)))
        if chance.random() < 0.3:
            discount = (amount / 10).quantize(Decimal("0.01"))
            return takes(item, str(amount - discount), discount=str(discount))
        if amount < balance:
            return takes(
                item, str(amount), shortfall=chance.choice(["partial", "residual", "dispute"]), reason_code="price"
            )
        return takes(item, str(amount))

    async def reverse(self, chance: random.Random) -> None:
        """Take an application back."""
        if self.applications:
            body = {"posting_date": f"2026-05-{chance.randint(1, 28):02}"}
            path = f"/v1/applications/{chance.choice(self.applications)}/reverse"
            self._note((await self.cashapp.post(path, body)).status_code)

    async def give_back(self, chance: random.Random) -> None:
        """Have the bank take a payment back."""
        if self.receipts:
            body = {"reason": "nsf", "value_date": f"2026-04-{chance.randint(1, 28):02}"}
            receipt = chance.choice(self.receipts)
            self._note((await self.cashapp.post(f"/v1/receipts/{receipt['id']}/return", body)).status_code)

    def _note(self, status: int) -> None:
        assert status in (200, 201, 409, 422), status
        self.refused.append(status)

    async def check(self) -> None:
        """See that every law holds."""
        broken = [one for one in await check_integrity(self.cashapp.units) if one.violations]
        assert broken == []


DEEDS: list[Deed] = [
    Company.post,
    Company.post,
    Company.receive,
    Company.receive,
    Company.apply,
    Company.apply,
    Company.apply,
    Company.apply,
    Company.reverse,
    Company.give_back,
]


async def told_is_what_is(cashapp: Cashapp) -> None:
    """See that whoever heard every event knows what is, each aggregate version by version."""
    items, receipts = dict[str, ItemEvent](), dict[str, PaymentEvent]()
    for event in await cashapp.events():
        if isinstance(event, ItemEvent):
            before = items.get(event.item.item_id)
            balance = before.item.balance if before else Decimal(0)
            assert event.version == (before.version if before else 0) + 1
            assert event.item.balance == balance + event.posting.amount
            items[event.item.item_id] = event
        if isinstance(event, PaymentEvent):
            earlier = receipts.get(event.receipt.receipt_id)
            assert event.version == (earlier.version if earlier else 0) + 1
            receipts[event.receipt.receipt_id] = event
    for item_id, told in items.items():
        now = await cashapp.item(item_id)
        assert (Decimal(now["balance"]), now["version"]) == (told.item.balance, told.version)
    for heard in receipts.values():
        found = await cashapp.receipt_now({"id": heard.receipt.receipt_id})
        assert (Decimal(found["unapplied"]), found["status"]) == (heard.receipt.unapplied, heard.receipt.status)


@settings(max_examples=6, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_any_sequence_of_deeds_keeps_every_law(cashapp: Cashapp, seed: int) -> None:
    chance, company = random.Random(seed), Company(cashapp)

    for _ in range(30):
        await chance.choice(DEEDS)(company, chance)
        await company.check()


@pytest.mark.parametrize("seed", [1, 2])
async def test_eight_people_at_once_keep_every_law_and_tell_what_is(cashapp: Cashapp, seed: int) -> None:
    company = Company(cashapp)
    for _ in range(6):
        await company.post(random.Random(seed))
        await company.receive(random.Random(seed))

    async def person(number: int) -> None:
        chance = random.Random(seed * 100 + number)
        for _ in range(12):
            await chance.choice(DEEDS)(company, chance)

    await asyncio.gather(*(person(number) for number in range(8)))

    chance = random.Random(seed)
    # Whether one of them reversed an application before its payment was returned is chance: go on until somebody has.
    while 200 not in company.refused:
        await chance.choice(DEEDS)(company, chance)
    await company.check()
    assert {200, 201, 409} <= set(company.refused)
    await told_is_what_is(cashapp)
