"""Lists of receipts: what users look for, and that a deep page costs what the first costs."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

RECEIPTS: dict[str, dict[str, Any]] = {
    "wire": {"amount": "100.00", "customer_id": "C-1", "value_date": "2026-03-01", "payer_name": "Nordlicht Handels GmbH"},
    "cheque": {"amount": "200.00", "customer_id": "C-2", "value_date": "2026-03-02", "method": "cheque"},
    "dollars": {"amount": "300.00", "customer_id": "C-1", "value_date": "2026-03-03", "currency": "USD"},
    "parked": {"amount": "400.00", "customer_id": "C-1", "value_date": "2026-03-04", "order_id": "SO-1"},
    "unknown": {"amount": "500.00", "value_date": "2026-03-05", "bank_reference": "B-5", "payer_name": "100%_Sport"},
    "abroad": {"amount": "600.00", "customer_id": "C-1", "value_date": "2026-03-06", "company_code": "2000"},
}  # fmt: skip


@pytest.fixture(scope="module")
async def ids(books: Cashapp) -> dict[str, str]:
    """Some receipts by name; the first pays an item in part."""
    made = {name: await books.receipt(**fields) for name, fields in RECEIPTS.items()}
    await books.apply(made["wire"], takes(await books.invoice("LIST-1", "60.00"), "60.00"))
    return {receipt["id"]: name for name, receipt in made.items()}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": "unidentified"}, ["unknown"]),
        ({"status": "partially_applied"}, ["wire"]),
        ({"holding": "on_account"}, ["parked"]),
        ({"holding": "unapplied"}, ["wire", "cheque", "dollars", "abroad"]),
        ({"holding": "unidentified"}, ["unknown"]),
        ({"method": "cheque"}, ["cheque"]),
        ({"currency": "USD"}, ["dollars"]),
        ({"company_code": "2000"}, ["abroad"]),
        ({"customer_id": "C-1", "currency": "EUR"}, ["wire", "parked", "abroad"]),
        ({"amount": "300.00"}, ["dollars"]),
        ({"amount_from": "200.00", "amount_to": "400.00"}, ["cheque", "dollars", "parked"]),
        ({"bank_reference": "B-5"}, ["unknown"]),
        ({"order_id": "SO-1"}, ["parked"]),
        ({"payer": "nordlicht"}, ["wire"]),
        ({"payer": "0%_s"}, ["unknown"]),
        ({"payer": "%%"}, []),
        ({"value_date_from": "2026-03-02", "value_date_to": "2026-03-03"}, ["cheque", "dollars"]),
        ({"value_date_from": "2026-03-05", "newest_first": "true"}, ["abroad", "unknown"]),
    ],
    ids=str,
)
async def test_receipts_are_found_by(books: Cashapp, ids: dict[str, str], wanted: Any, found: list[str]) -> None:
    listed = (await books.get("/v1/receipts", **wanted))["data"]

    assert [ids[one["id"]] for one in listed] == found


@pytest.mark.parametrize("newest_first", ["false", "true"])
async def test_pages_in_either_order_show_each_receipt_once(
    books: Cashapp, ids: dict[str, str], newest_first: str
) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while cursor or not seen:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = await books.get("/v1/receipts", limit=2, newest_first=newest_first, **more)
        seen += [ids[one["id"]] for one in page["data"]]
        cursor = page["next_cursor"]

    assert seen == (list(RECEIPTS) if newest_first == "false" else list(RECEIPTS)[::-1])


@pytest.mark.parametrize("wanted", [{"holding": "gone"}, {"amount": "x"}, {"payer": "x"}, {"misspelt": "1"}], ids=str)
async def test_a_filter_that_does_not_exist_is_refused(books: Cashapp, wanted: dict[str, str]) -> None:
    answer = await books.client.get("/v1/receipts", params=wanted, headers=bearer("auditor"))

    assert answer.status_code == 422


async def test_a_deep_page_reads_no_more_than_the_first(books: Cashapp, ids: dict[str, str]) -> None:
    """The plan of a page in the middle of many receipts touches as few rows as that of the first."""
    many = (
        "insert into receipts (receipt_id, version, source, method, company_code, customer_id, amount, currency, value_date, "
        "postable_from, status, applied, on_account, unapplied, unidentified, refunded, returned, purpose, remittance, "
        "ledger_account, received_at) select 'rcp_many_' || n, 1, 'api', 'wire', '1000', 'C-' || n % 10, 1, 'EUR', "
        "date '2020-01-01' + n / 20, date '2020-01-01', 'unapplied', 0, 0, 1, 0, 0, 0, '', '[]', 'cash', now() "
        "from generate_series(1, 20000) n"
    )
    page = (
        "explain (analyze, costs off, timing off, summary off) select * from receipts where customer_id = 'C-9' "
        "and (value_date, receipt_id) > (date '2020-01-01' + {day}, '') order by value_date, receipt_id limit 51"
    )
    async with books.units.read() as session:
        await session.execute(text(many))
        await session.execute(text("analyze receipts"))
        plans = [[row[0] for row in await session.execute(text(page.format(day=day)))] for day in (0, 900)]

    for plan in plans:
        assert any("Index Scan using ix_receipts_customer_id" in line and "rows=51" in line for line in plan), plan
        assert not any("Sort" in line or "Removed" in line for line in plan), plan
