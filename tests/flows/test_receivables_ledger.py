"""The work of the AR specialist and the controller, told through the gateway: documents, money, its way back, and the close."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pyarrow.parquet as pq
import pypdf
import pytest

from tests.flows.receivables import PAID_ON, applied, code, received, takes
from tests.flows.world import DAY, Integrator, World, bank_credit, bank_file, eventually

pytestmark = pytest.mark.stack


async def test_an_invoice_in_instalments_is_posted_with_its_tax_and_falls_due_in_parts(world: World) -> None:
    customer = await world.customer()
    lines = [{"net_amount": "800.00", "tax_rate_pct": "19"}, {"net_amount": "200.00", "tax_rate_pct": "7"}]

    terms: dict[str, Any] = {"due_date": None, "payment_terms": "30% 10, 70% 60"}
    posted = await world.invoice(customer, "1166.00", lines=lines, **terms)

    first, second = posted["instalments"]
    assert [(one["amount"], one["due_date"]) for one in (first, second)] == [
        ("349.80", (DAY + timedelta(days=10)).isoformat()),
        ("816.20", (DAY + timedelta(days=60)).isoformat()),
    ]
    assert [(one["net_amount"], one["tax_amount"]) for one in (await world.item(posted))["taxes"]] == [
        ("800.00", "152.00"),
        ("200.00", "14.00"),
    ]
    await world.expect_exposure(customer, open_items="1166.00")


async def test_a_paid_down_payment_is_deducted_from_the_final_invoice(world: World) -> None:
    customer = await world.customer(limit="5000.00")
    request = await world.invoice(customer, "300.00", kind="down_payment_request")
    receipt = await received(world, customer, "300.00")
    await applied(world, receipt, takes(request, "300.00"))

    final = await world.invoice(customer, "1000.00", down_payments=[{"number": request["number"]}])

    assert (final["amount"], final["balance"]) == ("1000.00", "700.00")
    await world.expect_exposure(customer, open_items="700.00", total="700.00")


async def test_a_receipt_in_dollars_pays_an_item_in_euro_and_the_difference_is_a_gain_or_a_loss(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "100.00")
    receipt = await received(world, customer, "125.00", currency="USD")

    paid = await applied(
        world,
        receipt,
        takes(item, "100.00", receipt_amount="125.00"),
        exchange_rates=[{"currency": "EUR", "rate": "0.81"}],
    )

    assert [(one["amount"], one["receipt_amount"], one["exchange_difference"]) for one in paid["allocations"]] == [
        ("100.00", "125.00", "1.25")
    ]
    assert (await world.item(item))["status"] == "cleared"
    await world.books_agree()


async def test_a_parent_pays_for_its_daughter_with_cash_discount(world: World) -> None:
    parent = await world.customer()
    daughter = await world.customer(parent_id=parent)
    item = await world.invoice(daughter, "1000.00", due_date=None, payment_terms="2/10 net 30")

    async def pays() -> Any:
        receipt = await received(world, parent, "980.00")
        answer = await world.request(
            "ar_specialist",
            "POST",
            f"/v1/receipts/{receipt['id']}/applications",
            json={"allocations": [takes(item, "980.00", discount="20.00")]},
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    paid = await eventually(pays)

    assert paid["allocations"][0]["customer_id"] == daughter
    await world.expect_exposure(daughter, open_items="0.00", total="0.00")


async def test_a_cheque_that_bounces_reopens_what_it_paid_and_is_followed_until_it_is_replaced(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "400.00")
    receipt = await received(world, customer, "400.00", method="cheque")
    await applied(world, receipt, takes(item, "400.00"))

    bounced = {"reason": "nsf", "value_date": (PAID_ON + timedelta(days=3)).isoformat(), "fee": "15.00"}
    returned = await world.ask("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=bounced)
    again = await code(world, "ar_specialist", f"/v1/receipts/{receipt['id']}/return", bounced)
    exception = returned["payment_exception"]
    await world.expect_exposure(customer, open_items="415.00")
    settled = {
        "outcome": "replaced",
        "resolved_on": (PAID_ON + timedelta(days=9)).isoformat(),
        "note": "Wired instead.",
    }
    await world.ask("ar_specialist", "POST", f"/v1/payment-exceptions/{exception['id']}/resolve", json=settled)

    assert again == (409, "receipt_returned")
    life = await world.get("auditor", f"/v1/items/{item['id']}/history")
    balances = [step["balance"] for step in life["steps"]]
    assert [balances[0], balances[1], balances[-1]] == ["400.00", "0.00", "400.00"]
    found = await world.get("ar_specialist", f"/v1/payment-exceptions/{exception['id']}")
    assert (found["status"], found["outcome"]) == ("resolved", "replaced")


async def test_a_won_chargeback_pays_again_what_it_had_opened(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "400.00")
    receipt = await received(world, customer, "400.00", method="card", card_token="tok_7", card_last4="4242")
    await applied(world, receipt, takes(item, "400.00"))
    charged = {"reason_code": "4853", "reason": "chargeback", "value_date": (PAID_ON + timedelta(days=3)).isoformat()}
    returned = await world.ask("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=charged)
    address = f"/v1/payment-exceptions/{returned['payment_exception']['id']}"

    proof = {"kind": "delivery_proof", "reference": "POD-17", "note": "Signed at the gate"}
    await world.ask("ar_specialist", "POST", f"{address}/evidence", json=proof)
    on = (PAID_ON + timedelta(days=5)).isoformat()
    await world.ask(
        "ar_specialist", "POST", f"{address}/contest", json={"contested_on": on, "note": "It was delivered."}
    )
    won = (PAID_ON + timedelta(days=20)).isoformat()
    outcome = {"outcome": "won", "resolved_on": won, "value_date": won, "note": "The scheme agreed."}
    await world.ask("ar_specialist", "POST", f"{address}/resolve", json=outcome)

    assert (await world.item(item))["status"] == "cleared"
    await world.expect_exposure(customer, total="0.00")


async def test_what_was_paid_too_much_is_paid_back_by_two_people(world: World, integrator: Integrator) -> None:
    customer = await world.customer()
    receipt = await received(world, customer, "250.00")
    asked = {"customer_id": customer, "currency": "EUR", "reason_code": "overpayment", "receipt_ids": [receipt["id"]]}
    refund = await world.ask("controller", "POST", "/v1/refunds", json=asked)
    approve = f"/v1/refunds/{refund['id']}/approve"

    refused = await code(world, "controller", approve, {})
    await world.ask("controller_2", "POST", approve, json={"refunded_on": PAID_ON.isoformat()})

    assert refused == (403, "four_eyes")
    now = await world.get("ar_specialist", f"/v1/receipts/{receipt['id']}")
    assert (now["refunded"], now["unapplied"]) == ("250.00", "0.00")

    async def told() -> None:
        assert "refund.issued" in [event["type"] for event in integrator.of(customer)]

    await eventually(told)


async def test_what_is_written_off_frees_the_limit_and_may_be_recovered(world: World, integrator: Integrator) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "900.00")
    loss = {"items": [{"item_id": item["id"]}], "reason_code": "insolvency", "evidence": ["Notice of the court"]}
    asked = await world.ask("ar_specialist", "POST", "/v1/write-offs", json=loss)
    refused = await code(world, "ar_specialist", f"/v1/write-offs/{asked['id']}/approve", {})
    on = {"posting_date": PAID_ON.isoformat()}
    await world.ask("controller", "POST", f"/v1/write-offs/{asked['id']}/approve", json=on)
    await world.expect_exposure(customer, open_items="0.00")

    receipt = await received(world, customer, "100.00")
    recovered = {"receipt_id": receipt["id"], "amount": "100.00"}
    await world.ask("ar_specialist", "POST", f"/v1/write-offs/{asked['id']}/recoveries", json=recovered)

    assert refused == (403, "insufficient_scope")
    assert (await world.get("auditor", f"/v1/write-offs/{asked['id']}"))["recovered"] == "100.00"
    await world.books_agree()

    async def told() -> None:
        assert "write_off.posted" in [event["type"] for event in integrator.of(customer)]

    await eventually(told)


async def test_an_invoice_the_portal_refused_is_on_the_list_until_it_is_delivered(world: World) -> None:
    requirements = {"po_required": True, "portal": "Ariba", "submission_channel": "portal"}
    customer = await world.customer(payment_requirements=requirements)
    item = await world.invoice(customer, "100.00")
    sent = {"channel": "portal", "status": "failed", "failure_reason": "Purchase order missing"}
    on = {"submitted_on": DAY.isoformat(), "status_on": DAY.isoformat()}
    await world.ask("ar_specialist", "POST", f"/v1/items/{item['id']}/submissions", json=sent | on)
    late = {"customer_id": customer, "as_of": (DAY + timedelta(days=5)).isoformat()}

    (waiting,) = (await world.get("collector", "/v1/undelivered-items", **late))["data"]
    delivered = {"channel": "portal", "status": "delivered", "reference": "ARB-1"} | on
    await world.ask("ar_specialist", "POST", f"/v1/items/{item['id']}/submissions", json=delivered)

    assert waiting["item_id"] == item["id"]
    assert {"po_missing", "portal_rejected"} <= {one["code"] for one in waiting["obstacles"]}
    assert (await world.get("collector", "/v1/undelivered-items", **late))["data"] == []


async def test_a_month_is_closed_by_its_checklist_and_opened_again_by_two_people(world: World) -> None:
    company = uuid4().hex[:8]
    customer = await world.customer(name="Želva & Søn a.s.")
    item = await world.invoice(customer, "100.00", company_code=company)
    receipt = await received(world, customer, "110.00", company_code=company)
    await applied(world, receipt, takes(item, "100.00"))
    period, close = f"{DAY:%Y-%m}", {"company_code": company, "note": "Monthly close"}
    address = f"/v1/periods/{period}"

    named = await world.request("controller", "POST", f"{address}/close", json=close)
    missing = [one["check"] for one in named.json()["missing"]]
    accepted = [{"check": check, "reason": "Will be applied in April."} for check in missing]
    await world.ask("controller", "POST", f"{address}/close", json=close | {"accept": accepted})
    refused = await world.request(
        "erp", "POST", "/v1/items", json=_late_invoice(customer, company, DAY + timedelta(days=1))
    )
    pdf = await world.request("auditor", "GET", f"{address}/pack", params={"company_code": company, "format": "pdf"})
    xlsx = await world.request("auditor", "GET", f"{address}/pack", params={"company_code": company, "format": "xlsx"})
    reopening = await world.ask(
        "controller", "POST", f"{address}/reopen", json={"company_code": company, "reason": "late"}
    )
    own = await code(world, "controller", f"/v1/reopenings/{reopening['id']}/approve", {})
    await world.ask("controller_2", "POST", f"/v1/reopenings/{reopening['id']}/approve", json={})

    assert (named.status_code, "unapplied_cash" in missing) == (409, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "period_closed")
    assert company in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    assert openpyxl.load_workbook(io.BytesIO(xlsx.content)).sheetnames
    assert own == (403, "four_eyes")
    assert (await world.get("auditor", address, company_code=company))["status"] == "open"


def _late_invoice(customer: str, company: str, day: date) -> dict[str, Any]:
    return {
        "company_code": company,
        "number": "RE-LATE",
        "kind": "invoice",
        "customer_id": customer,
        "issue_date": day.isoformat(),
        "due_date": day.isoformat(),
        "amount": "1.00",
        "currency": "EUR",
    }


async def test_cash_is_reconciled_with_the_bank_and_a_missing_statement_is_named(world: World) -> None:
    account = f"DE{uuid4().int % 10**20:020}"
    own = {"currency": "EUR", "company_code": "1000", "ledger_account": f"bank_{account[-4:]}"}
    await world.ask("erp", "PUT", f"/v1/bank-accounts/{account}", json=own)
    await world.import_file(bank_file(bank_credit("75.00", "thanks", paid_on=PAID_ON, account=account)))

    found = await world.get("controller", "/v1/reconciliations/cash", period=f"{PAID_ON:%Y-%m}")

    (of_account,) = [
        one for one in found["data"] if (one["account"] or "").endswith(account[-4:]) and one["bank_balance"]
    ]
    assert (of_account["bank_balance"], of_account["book_balance"]) == ("75.00", "75.00")


async def test_the_journal_is_taken_over_as_csv_and_parquet_from_a_cursor_on(world: World) -> None:
    company = uuid4().hex[:8]
    customer = await world.customer()
    await world.invoice(customer, "100.00", company_code=company)
    first = await world.request(
        "auditor", "GET", "/v1/ledger/exports", params={"company_code": company, "format": "csv"}
    )
    header, *lines = first.text.splitlines()
    cursor = first.headers["openitem-next-after"]
    await world.invoice(customer, "50.00", company_code=company)

    then = await world.request(
        "auditor", "GET", "/v1/ledger/exports", params={"company_code": company, "format": "parquet", "after": cursor}
    )

    table = pq.read_table(io.BytesIO(then.content))
    assert (len(lines), header.split(",")[0]) == (2, table.column_names[0])
    assert sum(table.column("debit").to_pylist()) == sum(table.column("credit").to_pylist()) == Decimal("50.00")


async def test_a_card_number_is_refused_by_every_service(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "100.00")
    number = "4111 1111 1111 1111"
    said = f"He paid by card {number}."
    dispute = {
        "customer_id": customer,
        "items": [{"item_id": item["id"], "disputed_amount": "10.00"}],
        "reason_code": "price",
        "description": said,
        "source": "call",
    }
    activity = {"customer_id": customer, "kind": "note", "outcome": "reached", "note": said, "item_ids": []}

    answers = [
        await world.request("credit_analyst", "POST", f"/v1/customers/{customer}/notes", json={"text": said}),
        await world.request("dispute_coordinator", "POST", "/v1/disputes", json=dispute),
        await world.request("collector", "POST", "/v1/activities", json=activity),
        await world.request(
            "ar_specialist",
            "POST",
            "/v1/receipts",
            json={"method": "card", "amount": "1.00", "currency": "EUR", "value_date": "2026-03-02", "reference": said},
        ),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4, [answer.text for answer in answers]
    assert not any("1111 1111" in answer.text for answer in answers)
