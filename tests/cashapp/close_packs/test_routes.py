"""The close pack: JSON, PDF and workbook show the same figures, which are those of the ledger."""

import io
from decimal import Decimal
from typing import Any

import httpx
import openpyxl
import pytest
from pypdf import PdfReader

from tests.cashapp.driver import Cashapp, mt940, takes
from tests.support.services import bearer

PACK = "/v1/periods/2026-03/pack"


async def pack(cashapp: Cashapp, **params: str) -> dict[str, Any]:
    return dict(await cashapp.get(PACK, **params))


async def file(cashapp: Cashapp, format_: str, **params: str) -> httpx.Response:
    return await cashapp.client.get(PACK, params={"format": format_} | params, headers=bearer("auditor"))


async def full_of_business(cashapp: Cashapp) -> None:
    """Have a month with an item of each age, money in each state, a return, a debit of the bank and a gap."""
    paid = await cashapp.invoice("RE-1", "1000.00")
    await cashapp.invoice("RE-2", "250.00", issue_date="2026-02-20", due_date="2026-03-01")
    await cashapp.invoice("RE-3", "75.50", issue_date="2026-01-01", due_date="2026-01-10", customer_id="C-2")
    await cashapp.invoice("RE-4", "8.25", issue_date="2025-10-01", due_date="2025-10-31", customer_id="C-2")
    await cashapp.invoice("RE-5", "3000", currency="JPY", customer_id="C-3")
    await cashapp.imported(mt940("C1000,NTRFA//B1|Miller", "D35,NCHGB//B2|Fees", day="260320"))
    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    assert (await cashapp.apply(receipt, takes(paid, "900.00"), on_account="60.00")).status_code == 201
    await cashapp.receipt("44.00", payer_name="ООО «Ромашка»")
    bounced = await cashapp.receipt("12.00", customer_id="C-2")
    body = {"reason": "nsf", "value_date": "2026-03-25"}
    assert (await cashapp.post(f"/v1/receipts/{bounced['id']}/return", body)).status_code == 201


async def test_the_figures_are_those_of_the_ledger(cashapp: Cashapp) -> None:
    await full_of_business(cashapp)

    found = await pack(cashapp)

    trial = (await cashapp.get("/v1/ledger/trial-balance", as_of="2026-03-31"))["data"]
    assert {(one["account"], one["currency"]): one["balance"] for one in found["trial_balance"]} == {
        (one["account"], one["currency"]): one["balance"] for one in trial
    }
    assert (found["balanced"], found["aging_agrees"]) == (True, True)
    by_customer = {(one["customer_id"], one["currency"]): one for one in found["aging"]}
    assert by_customer["C-1", "EUR"]["days_1_30"] == "250.00"
    assert by_customer["C-1", "EUR"]["not_due"] == "100.00"
    assert by_customer["C-1", "EUR"]["unapplied"] == "100.00"
    assert (by_customer["C-2", "EUR"]["days_61_90"], by_customer["C-2", "EUR"]["days_91"]) == ("75.50", "8.25")
    assert by_customer["C-3", "JPY"]["total"] == "3000"
    assert {(one["currency"], one["total"]) for one in found["aging_totals"]} == {("EUR", "433.75"), ("JPY", "3000")}
    assert sorted((one["state"], one["amount"]) for one in found["held_cash"]) == [
        ("on_account", "60.00"),
        ("unapplied", "40.00"),
        ("unidentified", "44.00"),
    ]
    assert [one["amount"] for one in found["payment_exceptions"]] == ["12.00"]
    reconciled = await cashapp.get("/v1/reconciliations/cash", period="2026-03")
    assert found["reconciliations"] == reconciled["data"]
    assert found["checks"] == (await cashapp.get("/v1/periods/2026-03"))["checks"]


async def test_an_item_ages_by_days_past_due_on_the_last_day_both_ends_included(cashapp: Cashapp) -> None:
    due = {"1.00": "2026-03-31", "2.00": "2026-03-30", "4.00": "2026-03-01", "8.00": "2026-02-28"}
    due |= {
        "16.00": "2026-01-30",
        "32.00": "2026-01-29",
        "64.00": "2025-12-31",
        "128.00": "2025-12-30",
        "256.00": "2999-12-31",
    }
    for amount, day in due.items():
        await cashapp.invoice(f"RE-{day}", amount, issue_date="2025-12-01", due_date=day)

    (owed,) = (await pack(cashapp))["aging"]

    names = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91", "total")
    assert [owed[name] for name in names] == ["257.00", "6.00", "24.00", "96.00", "128.00", "511.00"]


def figures(found: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Return what each sheet must show, as text, from the JSON."""
    aging = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91", "total", "unapplied")
    return {
        "Trial balance": [
            [one["number"], one["account"], one["currency"], one["debit"], one["credit"], one["balance"]]
            for one in found["trial_balance"]
        ],
        "Open items": [
            [one["customer_id"], one["currency"], *(one[name] for name in aging)]
            for one in (*found["aging"], *found["aging_totals"])
        ],
        "Bank reconciliation": [
            [one[name] for name in ("bank_balance", "book_balance", "difference", "in_transit", "unexplained", "state")]
            for one in found["reconciliations"]
        ],
        "Causes": [
            [fact["id"], fact["amount"], str(fact["days"])]
            for one in found["reconciliations"]
            for cause in one["causes"]
            for fact in cause["listed"]
        ],
        "Checklist": [[one["name"], one["state"], str(one["count"])] for one in found["checks"]],
        "Cash not applied": [[one["receipt_id"], one["state"], one["amount"]] for one in found["held_cash"]],
        "Payment exceptions": [[one["id"], one["reason"], one["amount"]] for one in found["payment_exceptions"]],
        "Postings": [
            [str(one["entries"]), str(one["lines"]), one["debit"], one["credit"], str(one["last_sequence"])]
            for one in found["control"]
        ],
    }


def same(text: str) -> str:
    """Return a figure as it compares: without grouping and decimals that say nothing."""
    try:
        return f"{Decimal(text.replace(',', '')).normalize():f}"
    except ArithmeticError:
        return text


async def test_workbook_and_pdf_show_every_figure_of_the_json(cashapp: Cashapp) -> None:
    await full_of_business(cashapp)
    shown = figures(await pack(cashapp))
    workbook, pdf = await file(cashapp, "xlsx"), await file(cashapp, "pdf")

    book = openpyxl.load_workbook(io.BytesIO(workbook.content))
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    words = {same(word) for word in text.split()}
    joined = "".join(text.split())
    for title, rows in shown.items():
        lines = [
            {same(str(cell)) for cell in line if cell is not None} for line in book[title].iter_rows(values_only=True)
        ]
        assert rows, title
        for wanted in rows:
            known = {same(one) for one in wanted if one is not None}
            assert any(known <= line for line in lines), (title, wanted)
            assert all(one in words or one in joined for one in known), (title, wanted)
    book.close()
    assert "ООО«Ромашка»" in joined


@pytest.mark.parametrize(
    ("format_", "media_type", "beginning"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ],
)
async def test_a_file_is_named_after_company_and_period(
    cashapp: Cashapp, format_: str, media_type: str, beginning: bytes
) -> None:
    answer = await file(cashapp, format_, company_code='1/"\n;Ä')

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["content-disposition"] == f'attachment; filename="close-1_____-2026-03.{format_}"'
    assert answer.content.startswith(beginning)


async def test_the_pack_of_a_closed_period_stays_what_it_was(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C100,NTRFA//B1|Miller", day="260331"))
    bounced = await cashapp.receipt("12.00", customer_id="C-2")
    body = {"reason": "nsf", "value_date": "2026-03-25"}
    exception = (await cashapp.post(f"/v1/receipts/{bounced['id']}/return", body)).json()["payment_exception"]["id"]
    accept = [{"check": name, "reason": "=known()"} for name in ("unidentified_cash", "payment_exceptions")]
    closing = {"accept": accept, "note": "Ελλάδα"}
    answer = await cashapp.client.post("/v1/periods/2026-03/close", json=closing, headers=bearer("controller"))
    assert answer.status_code == 200, answer.text
    before = await pack(cashapp)

    await cashapp.post(f"/v1/payment-exceptions/{exception}/resolve", {"outcome": "collected"})
    await cashapp.receipt("9.00", customer_id="C-1", value_date="2026-04-01")
    await cashapp.imported(mt940("D7,NCHGB//B9|Fees", day="260331", number="2/1", opening="100,"))

    after = await pack(cashapp)
    assert after | {"prepared_at": None} == before | {"prepared_at": None}
    assert (after["closed_by"], after["note"], after["accepted"]) == ("controller", "Ελλάδα", accept)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO((await file(cashapp, "pdf")).content)).pages)
    assert "Ελλάδα" in text


async def test_only_who_reads_the_ledger_gets_the_pack(cashapp: Cashapp) -> None:
    refused = await cashapp.client.get(PACK, headers=bearer("collector"))
    wrong = await file(cashapp, "docx")

    assert (refused.status_code, wrong.status_code) == (403, 422)
