from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer


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
