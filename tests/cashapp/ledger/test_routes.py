import asyncio
from datetime import date
from decimal import Decimal

from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, Line
from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

ONE = Decimal(1)


async def test_entries_are_listed_with_their_lines_in_the_order_of_posting(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))

    first = await cashapp.get("/v1/ledger/entries", limit=2)
    rest = await cashapp.get("/v1/ledger/entries", limit=2, cursor=first["next_cursor"])

    entries = first["data"] + rest["data"]
    assert [entry["kind"] for entry in entries] == ["issue", "receipt", "application"]
    assert [(line["account"], line["debit"], line["credit"]) for line in entries[2]["lines"]] == [
        ("receivables", "0.00", "1000.00"),
        ("unapplied_cash", "1000.00", "0.00"),
    ]


async def test_entries_are_found_by_item_receipt_and_posting_date(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))

    async def found(**params: str) -> list[str]:
        return [entry["kind"] for entry in (await cashapp.get("/v1/ledger/entries", **params))["data"]]

    assert await found(item_id=item["id"]) == ["issue", "application"]
    assert await found(receipt_id=receipt["id"]) == ["receipt", "application"]
    assert await found(posted_to="2026-03-19") == ["issue"]
    assert await found(posted_from="2026-03-20", customer_id="C-2") == []


async def test_the_trial_balance_shows_every_past_day(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt("400.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "400.00"), posting_date="2026-03-25")

    assert await cashapp.trial_balance("2026-02-28") == {}
    assert await cashapp.trial_balance("2026-03-19") == {"receivables": 1000, "revenue": -1000}
    assert await cashapp.trial_balance("2026-03-20") == {
        "cash": 400,
        "receivables": 1000,
        "revenue": -1000,
        "unapplied_cash": -400,
    }
    assert await cashapp.trial_balance("2026-03-25") == {"cash": 400, "receivables": 600, "revenue": -1000}


async def test_a_collector_does_not_read_the_ledger(cashapp: Cashapp) -> None:
    for path in ("entries", "trial-balance", "integrity"):
        answer = await cashapp.client.get(f"/v1/ledger/{path}", headers=bearer("collector"))
        assert answer.status_code == 403


async def test_entries_are_found_by_account_company_kind_and_period(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.invoice("RE-2", company_code="2000")
    await cashapp.apply(receipt, takes(item, "1000.00"), posting_date="2026-04-01")

    async def found(**params: str) -> list[str]:
        return [entry["kind"] for entry in (await cashapp.get("/v1/ledger/entries", **params))["data"]]

    assert await found(account="revenue") == ["issue", "issue"]
    assert await found(account="revenue", company_code="2000") == ["issue"]
    assert await found(account="cash", item_id=item["id"]) == []
    assert await found(kind="receipt") == ["receipt"]
    assert await found(period="2026-03", company_code="1000") == ["issue", "receipt"]
    assert await found(period="2026-03", posted_from="2026-03-20") == ["receipt"]
    assert await found(period="2026-04") == ["application"]


async def test_what_is_no_filter_of_entries_is_refused(cashapp: Cashapp) -> None:
    for params in ({"period": "2026-13"}, {"kind": "gift"}, {"after": "-1"}, {"after": str(2**63)}, {"acount": "cash"}):
        answer = await cashapp.client.get("/v1/ledger/entries", params=params, headers=bearer("auditor"))
        assert answer.status_code == 422, params


async def test_reading_on_waits_for_what_is_being_posted_and_misses_nothing(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-1")
    lines = tuple(Line(account=one, amount=amount, kind="cash") for one, amount in (("fees", ONE), ("cash", -ONE)))
    entry = Entry(kind="exchange", posting_date=date(2026, 3, 1), company_code="1000", currency="EUR", lines=lines)
    async with cashapp.units.begin() as uow:
        # It takes its sequence first and is committed last.
        await ledger.post(uow, [entry])
        await cashapp.invoice("RE-2")
        reading = asyncio.create_task(cashapp.get("/v1/ledger/entries", after=1))
        await asyncio.wait({reading}, timeout=0.2)
        assert not reading.done()
        assert len((await cashapp.get("/v1/ledger/entries"))["data"]) == 2
    found = [entry["sequence"] for entry in (await reading)["data"]]

    assert found == [2, 3]
    assert (await cashapp.get("/v1/ledger/entries", after=3))["data"] == []
