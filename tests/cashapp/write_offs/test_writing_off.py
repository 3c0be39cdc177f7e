"""Giving receivables up, over HTTP on a real database; after each test the books must hold."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cashapp_service.periods.domain import Period
from cashapp_service.periods.use_cases import close_period
from shared.events.cashapp import ItemEvent, WriteOffPosted
from shared.events.dispute import DisputeOpened
from tests.cashapp.disputes.test_handlers import case, deliver
from tests.cashapp.driver import Cashapp, kinds, takes


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []


async def asked(cashapp: Cashapp, *shares: tuple[Any, str | None], role: str = "ar_specialist", **fields: Any) -> Any:
    """Ask for a write-off of items with their amounts and return the answer."""
    items = [{"item_id": item["id"]} | ({"amount": amount} if amount else {}) for item, amount in shares]
    body = {"items": items, "reason_code": "insolvency", "evidence": ["Court notice of 15 March"]}
    return await cashapp.post("/v1/write-offs", body | fields, role=role)


async def waiting(cashapp: Cashapp, *shares: tuple[Any, str | None], **fields: Any) -> dict[str, Any]:
    """Return a write-off that waits."""
    answer = await asked(cashapp, *shares, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(
    cashapp: Cashapp, write_off: Any, verb: str, body: Any = None, *, role: str = "controller", **options: Any
) -> httpx.Response:
    """Approve, reject, cancel or reverse a write-off."""
    return await cashapp.post(f"/v1/write-offs/{write_off['id']}/{verb}", body, role=role, **options)


async def written_off(cashapp: Cashapp, *shares: tuple[Any, str | None], **fields: Any) -> dict[str, Any]:
    """Return a write-off that was approved and posted on 2 April."""
    answer = await decide(cashapp, await waiting(cashapp, *shares, **fields), "approve", {"posting_date": "2026-04-02"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_write_off_waits_for_another_person_and_posts_nothing_until_then(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    write_off = await waiting(cashapp, (item, "0.01"))

    assert (write_off["status"], write_off["amount"], write_off["customer_id"]) == ("pending", "0.01", "C-1")
    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"


@pytest.mark.parametrize("account", ["bad_debt", "allowance"])
async def test_an_approved_write_off_clears_its_items_against_the_account_named(cashapp: Cashapp, account: str) -> None:
    first, second = await cashapp.invoice("RE-1", "1000.00"), await cashapp.invoice("RE-2", "500.00")

    write_off = await written_off(cashapp, (first, None), (second, "200.00"), account=account)

    assert (write_off["status"], write_off["amount"], write_off["decided_by"]) == ("approved", "1200.00", "controller")
    assert [(await cashapp.item(one["id"]))["balance"] for one in (first, second)] == ["0.00", "300.00"]
    assert await cashapp.trial_balance() == {
        "receivables": Decimal("300.00"),
        "revenue": Decimal("-1500.00"),
        account: Decimal("1200.00"),
    }
    assert kinds(await cashapp.events())[-3:] == ["item.cleared", "item.updated", "write_off.posted"]
    told = (await cashapp.events("write_off.posted"))[0]
    assert isinstance(told, WriteOffPosted)
    assert [(one.number, one.amount) for one in told.write_off.items] == [
        ("RE-1", Decimal("1000.00")),
        ("RE-2", Decimal("200.00")),
    ]
    postings = [event.posting.kind for event in await cashapp.events() if isinstance(event, ItemEvent)]
    assert postings[-2:] == ["write_off", "write_off"]


AUTHORITY = [
    ("10000.00", "EUR", "credit_manager", 200),
    ("10000.01", "EUR", "credit_manager", 403),
    ("100000.00", "EUR", "controller", 200),
    ("100000.01", "EUR", "controller", 403),
    ("100000.01", "EUR", "admin", 200),
    ("1", "JPY", "controller", 403),
    ("1", "JPY", "admin", 200),
]


async def test_a_write_off_is_approved_within_the_authority_in_its_own_currency(cashapp: Cashapp) -> None:
    for position, (amount, currency, role, status) in enumerate(AUTHORITY):
        item = await cashapp.invoice(f"RE-{position}", amount, currency=currency)
        write_off = await waiting(cashapp, (item, None))

        answer = await decide(cashapp, write_off, "approve", role=role)

        assert answer.status_code == status, (amount, currency, role)
        assert status == 200 or answer.json()["code"] == "authority_exceeded"
        assert Decimal((await cashapp.item(item["id"]))["balance"]) == (0 if status == 200 else Decimal(amount))


async def test_nobody_decides_his_own_write_off(cashapp: Cashapp) -> None:
    write_off = await waiting(cashapp, (await cashapp.invoice(), None), role="controller")

    answers = [await decide(cashapp, write_off, verb, {"note": "x"}) for verb in ("approve", "reject")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "four_eyes")] * 2


async def test_only_who_may_asks_and_decides(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await waiting(cashapp, (item, None), role="admin")
    bodies = {"approve": None, "reject": {"note": "x"}, "reverse": {"reason": "x"}}

    for role in ("collector", "erp", "credit_analyst", "auditor", "dispute_coordinator", "ar_specialist"):
        codes = [(await decide(cashapp, write_off, verb, body, role=role)).status_code for verb, body in bodies.items()]
        assert codes == [403] * 3, role
        if role != "ar_specialist":
            assert (await asked(cashapp, (item, "1.00"), role=role)).status_code == 403, role


async def test_a_request_is_carried_out_once(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    other = await cashapp.invoice("RE-2")

    first = await asked(cashapp, (item, None), request_id="wor_1")
    again = [await asked(cashapp, (item, amount), request_id="wor_1") for amount in (None, "1000.00")]
    changed = [
        await asked(cashapp, (item, "999.00"), request_id="wor_1"),
        await asked(cashapp, (other, None), request_id="wor_1"),
        await asked(cashapp, (item, None), request_id="wor_1", account="allowance"),
        await asked(cashapp, (item, None), request_id="wor_1", evidence=["Another letter"]),
    ]

    assert first.status_code == 201
    assert [(one.status_code, one.json()["id"]) for one in again] == [(200, first.json()["id"])] * 2
    assert {(one.status_code, one.json()["code"]) for one in changed} == {(409, "write_off_exists")}


async def test_the_same_balance_waits_in_one_write_off_only(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await waiting(cashapp, (item, "700.00"))

    too_much = await asked(cashapp, (item, "300.01"))
    rest = await waiting(cashapp, (item, None))
    nothing = await asked(cashapp, (item, None))

    assert (too_much.status_code, too_much.json()["code"]) == (409, "write_off_exceeds_balance")
    assert rest["amount"] == "300.00"
    assert (nothing.status_code, nothing.json()["code"]) == (409, "write_off_exceeds_balance")


async def test_what_was_paid_while_it_waited_is_not_written_off(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await waiting(cashapp, (item, None))
    await cashapp.apply(await cashapp.receipt("400.00", customer_id="C-1"), takes(item, "400.00"))

    answer = await decide(cashapp, write_off, "approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "write_off_not_covered")
    assert "600.00" in answer.json()["detail"]
    assert (await cashapp.get(f"/v1/write-offs/{write_off['id']}"))["status"] == "pending"
    assert await cashapp.events("write_off.posted") == []


async def test_a_disputed_item_is_written_off_with_what_is_disputed_shown(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await deliver(cashapp, DisputeOpened(version=1, dispute=case((item, "250.00"))))

    write_off = await waiting(cashapp, (item, None))

    assert write_off["items"][0]["disputed_amount"] == "250.00"


async def test_a_rejected_or_cancelled_write_off_is_none(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    rejected = await decide(cashapp, await waiting(cashapp, (item, None)), "reject", {"note": "Ask the guarantor"})
    own = await waiting(cashapp, (item, None))
    strangers = await decide(cashapp, own, "cancel", role="controller")
    cancelled = await decide(cashapp, own, "cancel", role="ar_specialist")

    assert (rejected.json()["status"], rejected.json()["decision_note"]) == ("rejected", "Ask the guarantor")
    assert (strangers.status_code, strangers.json()["code"]) == (403, "not_your_request")
    assert cancelled.json()["status"] == "cancelled"
    late = [await decide(cashapp, own, "approve"), await decide(cashapp, own, "reverse", {"reason": "x"})]
    assert [(one.status_code, one.json()["code"]) for one in late] == [(409, "write_off_state")] * 2


async def test_a_write_off_is_taken_back_once_and_its_items_are_open_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await written_off(cashapp, (item, "600.00"))
    body = {"reason": "By mistake", "posting_date": "2026-04-08"}

    early = await decide(cashapp, write_off, "reverse", body | {"posting_date": "2026-04-01"})
    answers = [await decide(cashapp, write_off, "reverse", body) for _ in range(2)]

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert [one.status_code for one in answers] == [200, 409]
    assert (answers[0].json()["status"], answers[0].json()["reversed_on"]) == ("reversed", "2026-04-08")
    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"
    assert kinds(await cashapp.events())[-2:] == ["item.updated", "write_off.reversed"]
    assert await cashapp.trial_balance() == {"receivables": Decimal(1000), "revenue": Decimal(-1000)}
    assert (await cashapp.trial_balance("2026-04-07"))["bad_debt"] == Decimal(600)


async def test_what_is_no_receivable_or_does_not_belong_together_is_refused_by_name(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1")
    wrong = [
        await cashapp.invoice("RE-2", customer_id="C-2"),
        await cashapp.invoice("RE-3", currency="USD"),
        await cashapp.invoice("RE-4", company_code="2000"),
        await cashapp.invoice("GS-1", kind="credit_memo"),
        await cashapp.invoice("AZ-1", kind="down_payment_request"),
        {"id": "itm_nowhere"},
    ]

    answers = [await asked(cashapp, (item, None), (one, None)) for one in wrong]
    twice = await asked(cashapp, (item, "1.00"), (item, "2.00"))

    assert {(one.status_code, one.json()["code"]) for one in [*answers, twice]} == {(422, "not_writable_off")}
    assert {one.json()["errors"][0]["field"] for one in answers} == {"items.1.item_id"}


MALFORMED: list[dict[str, Any]] = [
    {"items": []},
    {"evidence": []},
    {"evidence": [""]},
    {"reason_code": "because"},
    {"account": "revenue"},
    {"request_id": ""},
    {"surprise": True},
]


async def test_a_malformed_request_is_refused(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    codes = [(await asked(cashapp, (item, None), **fields)).status_code for fields in MALFORMED]
    amounts = [(await asked(cashapp, (item, amount))).status_code for amount in ("0.00", "-1.00", "1.001", "x")]

    assert (codes, amounts) == ([422] * len(MALFORMED), [422] * 4)


async def test_a_write_off_is_not_dated_before_its_items_nor_into_a_closed_period(cashapp: Cashapp) -> None:
    write_off = await waiting(cashapp, (await cashapp.invoice(issue_date="2026-04-05"), None))
    async with cashapp.units.begin() as uow:
        await close_period(uow, "1000", Period(2026, 4), by="controller")

    early = await decide(cashapp, write_off, "approve", {"posting_date": "2026-04-04"})
    closed = await decide(cashapp, write_off, "approve", {"posting_date": "2026-04-10"})
    stale = await decide(cashapp, write_off, "approve", headers={"If-Match": '"7"'})

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert (closed.status_code, closed.json()["code"]) == (409, "period_closed")
    assert stale.status_code == 412
    assert (await cashapp.get(f"/v1/write-offs/{write_off['id']}"))["status"] == "pending"


async def test_write_offs_are_found_by_customer_item_status_and_who_asked(cashapp: Cashapp) -> None:
    item, other = await cashapp.invoice("RE-1"), await cashapp.invoice("RE-2", customer_id="C-2")
    done = await written_off(cashapp, (item, None))
    open_one = await waiting(cashapp, (other, None), role="controller")

    async def found(**filters: str) -> list[str]:
        return [one["id"] for one in (await cashapp.get("/v1/write-offs", **filters))["data"]]

    assert await found() == [open_one["id"], done["id"]]
    assert await found(status="pending") == await found(customer_id="C-2") == [open_one["id"]]
    assert await found(requested_by="ar_specialist") == await found(item_id=item["id"]) == [done["id"]]


async def test_an_item_is_paid_or_written_off_but_never_both(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("1000.00", customer_id="C-1", reference="none")
    write_off = await waiting(cashapp, (item, None))

    answers = await asyncio.gather(
        decide(cashapp, write_off, "approve"),
        cashapp.apply(receipt, takes(item, "1000.00")),
        decide(cashapp, write_off, "approve", role="admin"),
    )

    assert sum(one.status_code in (200, 201) for one in answers) == 1
    assert {one.status_code for one in answers} <= {200, 201, 409}
    assert (await cashapp.item(item["id"]))["balance"] == "0.00"


async def test_write_offs_of_the_same_items_in_another_order_do_not_block_each_other(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{n}", "100.00") for n in range(4)]
    shares: list[tuple[Any, str | None]] = [(item, "10.00") for item in items]
    waits = [await waiting(cashapp, *(shares if n % 2 else shares[::-1])) for n in range(6)]

    answers = await asyncio.gather(
        *(decide(cashapp, one, "approve", role=("controller", "admin")[n % 2]) for n, one in enumerate(waits)),
        *(asked(cashapp, *shares[::-1]) for _ in range(3)),
    )

    assert {one.status_code for one in answers} == {200, 201}
    assert [(await cashapp.item(item["id"]))["balance"] for item in items] == ["40.00"] * 4
