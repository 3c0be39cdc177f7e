"""What matching reads: all that is named and the oldest of what is open, so that it costs no more beside ten thousand items."""

from decimal import Decimal
from typing import Any

import pytest

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import fingerprint
from cashapp_service.items import use_cases as items
from cashapp_service.matching.domain import OLDEST_MAX
from cashapp_service.matching.domain.amount_search import find_by_amount
from shared.events.credit import CustomerState
from tests.cashapp.driver import Cashapp, mt940
from tests.cashapp.matching.builders import eur, item

OPEN = OLDEST_MAX + 60


@pytest.fixture(scope="module", autouse=True)
async def _open_items(books: Cashapp) -> None:
    """A customer with more open items than are looked at: numbers and amounts rise with the due date; the last is a memo."""
    async with books.units.begin() as uow:
        state = CustomerState(
            customer_id="BIG",
            name="Grosskunde AG",
            country="DE",
            currency="EUR",
            payment_terms="net 30",
            bank_account_fingerprints=[fingerprint("ACC-BIG")],
        )
        await customers.apply_state(uow, state, 1)
    documents = [_document(at) for at in range(OPEN)] + [_document(OPEN) | {"kind": "credit_memo", "amount": "7.00"}]
    for start in range(0, len(documents), 500):
        answer = await books.post("/v1/items/batch", {"items": documents[start : start + 500]})
        assert answer.status_code < 300, answer.text


def _document(at: int) -> dict[str, Any]:
    return {
        "number": f"GK-{at:06}",
        "kind": "invoice",
        "customer_id": "BIG",
        "issue_date": "2026-01-01",
        "due_date": "2026-02-01" if at < OLDEST_MAX else "2026-03-01",
        "amount": f"{100 + at}.00",
        "currency": "EUR",
    }


async def proposals(books: Cashapp, amount: str, **fields: Any) -> list[dict[str, Any]]:
    receipt = await books.receipt(amount, payer_account="ACC-BIG", value_date="2026-02-20", **fields)
    return list((await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"])


async def test_only_the_oldest_items_are_read_and_it_is_known_that_there_are_more(books: Cashapp) -> None:
    async with books.units.read() as session:
        read, more = await items.items_of_payers(
            session,
            company_code="1000",
            payers=[("BIG", "EUR", Decimal("100.00"))],
            paid_for=[],
            named=[],
            most=OLDEST_MAX,
        )
    assert more == {("BIG", "EUR")}
    assert OLDEST_MAX < len(read) < OPEN


async def test_a_named_item_is_found_however_young_it_is(books: Cashapp) -> None:
    young = f"GK-{OPEN - 1:06}"
    receipt = await books.receipt(f"{100 + OPEN - 1}.00", payer_account="ACC-BIG", reference=young)
    assert receipt["status"] == "applied"
    job = await books.imported(
        mt940(f"C{100 + OPEN - 2},NTRFNONREF//GK2|166?00GUTSCHRIFT?20GK-{OPEN - 2:06}?31ACCBIG", account="DE4")
    )
    assert job["result"]["auto_applied"] == 1


async def test_a_young_item_of_just_the_amount_is_proposed(books: Cashapp) -> None:
    best = (await proposals(books, f"{100 + OPEN - 5}.00"))[0]
    assert best["method"] == "amount_exact"
    assert f"GK-{OPEN - 5:06}" in str(best["explanation"])


async def test_a_young_credit_memo_is_netted(books: Cashapp) -> None:
    best = (await proposals(books, f"{100 + OPEN - 6 - 7}.00", reference=f"GK-{OPEN - 6:06}"))[0]
    assert (best["method"], len(best["allocations"])) == ("named_credit", 2)


async def test_a_range_is_found_whoever_pays_it(books: Cashapp) -> None:
    first, last = OPEN - 20, OPEN - 17
    total = sum(100 + at for at in range(first, last + 1))
    receipt = await books.receipt(f"{total}.00", reference=f"GK-{first:06} bis GK-{last:06}", value_date="2026-03-05")
    assert receipt["status"] == "applied"


async def test_a_document_in_another_currency_that_is_named_too_is_not_overlooked(books: Cashapp) -> None:
    await books.invoice("FX-1001", "50.00", customer_id="C-1")
    await books.invoice("FX-1002", "60.00", customer_id="C-1", currency="USD")
    names = "FX-1001 FX-1002"
    receipt = await books.receipt("50.00", reference=names)
    assert receipt["status"] != "applied"
    job = await books.imported(mt940(f"C50,NTRFNONREF//GK3|{names}", account="DE5"))
    assert job["result"]["auto_applied"] == 0


def test_of_items_that_are_not_all_nothing_is_said_of_all_or_of_the_only_two() -> None:
    three = [item(f"RE-{at}", f"{amount}.00") for at, amount in enumerate((10, 20, 40))]
    methods = {amount: [one.method for one in find_by_amount(three, eur(amount))] for amount in ("70.00", "60.00")}
    assert [len(found) for found in methods.values()] == [1, 1]
    assert [list(find_by_amount(three, eur(amount), complete=False)) for amount in ("70.00", "60.00")] == [[], []]
