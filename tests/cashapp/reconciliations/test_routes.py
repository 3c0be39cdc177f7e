"""The cash reconciliation over HTTP: every cent of the difference between bank and books has its cause."""

from decimal import Decimal
from typing import Any

import pytest

from tests.cashapp.driver import Cashapp, mt940
from tests.support.services import bearer


async def reconciled(cashapp: Cashapp, period: str = "2026-03", **params: Any) -> list[dict[str, Any]]:
    """Return the reconciliation of a month, which must add up."""
    found = await cashapp.get("/v1/reconciliations/cash", period=period, **params)
    for row in found["data"]:
        if row["difference"] is not None:
            causes = sum(Decimal(one["amount"]) for one in row["causes"] if one["amount"] is not None)
            assert Decimal(row["difference"]) == Decimal(row["bank_balance"]) - Decimal(row["book_balance"])
            assert Decimal(row["unexplained"]) == Decimal(row["difference"]) - causes
    return list(found["data"])


def causes(row: dict[str, Any]) -> dict[str, str | None]:
    return {one["kind"]: one["amount"] for one in row["causes"]}


async def test_an_account_whose_credits_are_booked_is_reconciled(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260331"))

    (row,) = await reconciled(cashapp)

    assert (row["account"], row["state"], row["bank_balance"], row["book_balance"]) == (
        "DE1",
        "reconciled",
        "100.00",
        "100.00",
    )
    assert (row["statement_number"], row["bank_balance_on"], row["difference"]) == ("1/1", "2026-03-31", "0.00")
    assert row["causes"] == []


async def test_debits_opening_balance_and_a_missing_month_end_are_causes(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", "D35,NCHGB//B2|Fees", opening="500,"))

    (row,) = await reconciled(cashapp)

    assert (row["state"], row["bank_balance"], row["difference"]) == ("open", "565.00", "465.00")
    assert causes(row) == {
        "opening_balance": "500.00",
        "bank_debit_not_booked": "-35.00",
        "statement_missing": None,
    }
    assert (row["in_transit"], row["unexplained"]) == ("0.00", "0.00")
    (debit,) = next(one["listed"] for one in row["causes"] if one["kind"] == "bank_debit_not_booked")
    assert (debit["amount"], debit["on"], debit["text"]) == ("-35.00", "2026-03-20", "Fees")


async def test_a_gap_between_statements_is_a_cause_with_its_amount(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260302", number="1/1"))
    await cashapp.imported(mt940("C50,NTRFA//B3|Miller", day="260331", number="3/1", opening="130,"))

    (row,) = await reconciled(cashapp)

    assert (row["state"], row["difference"], causes(row)) == ("open", "30.00", {"statement_gap": "30.00"})

    await cashapp.imported(mt940("C30,NTRFA//B2|Miller", day="260303", number="2/1", opening="100,"))

    (row,) = await reconciled(cashapp)
    assert (row["state"], row["difference"], row["in_transit"], row["causes"]) == ("reconciled", "0.00", "0.00", [])


async def test_a_receipt_that_no_statement_shows_is_in_transit(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260331"))
    await cashapp.receipt("40.00", value_date="2026-03-21", customer_id="C-1", reference="CHQ 7")

    (row,) = await reconciled(cashapp)

    assert (row["state"], row["difference"], row["in_transit"]) == ("explained", "-40.00", "-40.00")
    (fact,) = (fact for one in row["causes"] for fact in one["listed"])
    assert (fact["amount"], fact["days"], fact["text"]) == ("-40.00", 10, "C-1: CHQ 7")


async def test_a_value_date_in_the_next_month_is_booked_then(cashapp: Cashapp) -> None:
    content = mt940("C100,NTRFA//B1|Miller", day="260331").replace(b":61:2603310331C", b":61:2604010331C")
    await cashapp.imported(content)

    (march,) = await reconciled(cashapp)
    (april,) = await reconciled(cashapp, "2026-04")

    assert causes(march) == {"bank_credit_not_booked": "100.00"}
    assert march["state"] == "explained"
    assert (april["book_balance"], causes(april)) == ("100.00", {"statement_missing": None})


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        pytest.param([], {"return_in_transit": "100.00"}, id="no debit yet"),
        pytest.param(["D100,NRTIB//B2|Return"], {}, id="its debit"),
        pytest.param(
            ["D99,NRTIB//B2|Rent"],
            {"return_in_transit": "100.00", "bank_debit_not_booked": "-99.00"},
            id="another debit",
        ),
    ],
)
async def test_a_return_is_in_transit_until_the_bank_shows_its_debit(
    cashapp: Cashapp, entries: list[str], found: dict[str, str]
) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260323"))
    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    body = {"reason": "nsf", "value_date": "2026-03-27"}
    assert (await cashapp.post(f"/v1/receipts/{receipt['id']}/return", body)).status_code == 201
    await cashapp.imported(mt940(*entries, day="260331", number="2/1", opening="100,"))

    (row,) = await reconciled(cashapp)

    assert (row["state"], causes(row)) == ("explained" if found else "reconciled", found)


async def refunded(cashapp: Cashapp, amount: str, **fields: str) -> None:
    """Refund money of the first receipt on 27 March."""
    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    identified = await cashapp.post(f"/v1/receipts/{receipt['id']}/identify", {"customer_id": "C-1"})
    assert identified.status_code == 200, identified.text
    body = {"customer_id": "C-1", "currency": "EUR", "reason_code": "overpayment", "receipt_ids": [receipt["id"]]}
    asked = await cashapp.post("/v1/refunds", body | {"amount": amount} | fields, role="ar_specialist")
    assert asked.status_code == 201, asked.text
    path = f"/v1/refunds/{asked.json()['id']}/approve"
    answer = await cashapp.post(path, {"refunded_on": "2026-03-27"}, role="controller")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("entries", "found"), [([], {"refund_in_transit": "30.00"}), (["D30,NTRFA//B2|Refund"], {})])
async def test_a_refund_is_in_transit_until_the_bank_shows_its_payment(
    cashapp: Cashapp, entries: list[str], found: dict[str, str]
) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260323"))
    await refunded(cashapp, "30.00")
    await cashapp.imported(mt940(*entries, day="260331", number="2/1", opening="100,"))

    (row,) = await reconciled(cashapp)

    assert (row["book_balance"], causes(row)) == ("70.00", found)


async def test_a_refund_belongs_to_the_account_that_it_is_paid_from(cashapp: Cashapp) -> None:
    for account, ledger_account in (("DE11", "1810"), ("DE22", "1820")):
        body = {"currency": "EUR", "ledger_account": ledger_account}
        await cashapp.client.put(f"/v1/bank-accounts/{account}", json=body, headers=bearer("admin"))
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260323", account="DE11"))
    await cashapp.imported(mt940(day="260331", account="DE11", number="2/1", opening="100,"))
    await refunded(cashapp, "30.00", paid_from="DE22")

    first, second = await reconciled(cashapp)

    assert (first["state"], first["book_balance"]) == ("reconciled", "100.00")
    assert (second["book_balance"], causes(second)["refund_in_transit"]) == ("-30.00", "30.00")


async def test_cash_without_a_house_bank_account_stands_in_a_row_of_its_own(cashapp: Cashapp) -> None:
    await cashapp.receipt("40.00", customer_id="C-1")

    (row,) = await reconciled(cashapp)

    assert (row["account"], row["ledger_account"], row["state"], row["book_balance"]) == (None, "cash", "open", "40.00")
    assert set(causes(row)) == {"no_bank_account", "receipt_in_transit"}
    assert row["difference"] is None


async def test_accounts_that_share_a_ledger_account_add_up_to_the_ledgers_cash(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260331", account="DE1"))
    await cashapp.imported(mt940("C70,NTRFA//B1|Smith", day="260331", account="DE2"))
    await cashapp.receipt("40.00", value_date="2026-03-31", customer_id="C-1")

    rows = await reconciled(cashapp)

    assert {row["account"]: row["book_balance"] for row in rows} == {"DE1": "100.00", "DE2": "70.00", None: "40.00"}
    assert (await cashapp.trial_balance("2026-03-31"))["cash"] == sum(Decimal(row["book_balance"]) for row in rows)
    assert [row["account"] for row in await reconciled(cashapp, account="de 2")] == ["DE2"]


async def test_another_company_and_an_unused_account_are_left_out_of_the_difference(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260331"))
    answer = await cashapp.client.put(
        "/v1/bank-accounts/DE99",
        json={"currency": "EUR", "company_code": "2000"},
        headers=bearer("admin"),
    )
    assert answer.status_code == 201

    assert [row["account"] for row in await reconciled(cashapp, company_code="1000")] == ["DE1"]
    (unused,) = await reconciled(cashapp, company_code="2000")
    assert (unused["state"], unused["book_balance"]) == ("unused", "0.00")


@pytest.mark.parametrize("period", ["2026-13", "2026", "october", "2026-1", "1899-12", "0000-00"])
async def test_a_period_is_a_month(cashapp: Cashapp, period: str) -> None:
    answer = await cashapp.client.get("/v1/reconciliations/cash", params={"period": period}, headers=bearer("admin"))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "period")


async def test_only_who_reads_the_ledger_reads_reconciliations(cashapp: Cashapp) -> None:
    params = {"period": "2026-03"}
    refused = await cashapp.client.get("/v1/reconciliations/cash", params=params, headers=bearer("collector"))
    taken = await cashapp.client.get("/v1/reconciliations/cash", params=params, headers=bearer("auditor"))

    assert (refused.status_code, taken.status_code) == (403, 200)
