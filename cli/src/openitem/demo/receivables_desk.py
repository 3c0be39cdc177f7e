"""What lies on the demo company's receivables desk, a little of each: what an AR specialist and a controller see to every day.

Each scene goes through the public API by itself, on a customer of its own, and is keyed by its content like the rest of a load.
The demo company's second company code, `SUBSIDIARY`, is small enough to show a month from the first invoice to the close.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from openitem.ledgers.api import Api
from openitem.ledgers.camt import write_statements
from openitem.ledgers.ledger import BankCredit, Ledger
from openitem.ledgers.loader import Scenes, together

SUBSIDIARY = "2000"
SUBSIDIARY_ACCOUNT = "DE02120300000000202051"
SPECIALIST, CONTROLLER = "ar_specialist", "controller"


def scenes_of(ledger: Ledger, today: date) -> Scenes:
    """Return what is played beside the company's bank files, and the subsidiary's close behind them."""
    grouped = {*ledger.shared_limits, *(one for one, body in ledger.customers.items() if "parent_id" in body)}
    single = [one for one, body in ledger.customers.items() if body["currency"] == "EUR" and one not in grouped]
    head = ledger.shared_limits[0]
    member = next(one for one, body in ledger.customers.items() if body.get("parent_id") == head)
    month_end = today.replace(day=1) - timedelta(days=1)

    async def beside(api: Api) -> None:
        desk = [Desk(api, customer, today) for customer in single[:7]]
        await together(
            desk[0].invoice_in_instalments(),
            desk[1].down_payments(),
            Desk(api, member, today).paid_by(head),
            desk[2].bounced_cheque(),
            desk[3].chargeback(),
            desk[4].refund_that_waits(),
            desk[5].small_balance(),
            desk[6].rejected_by_the_portal(),
            live_through_a_month(api, single[7:9], month_end),
        )

    async def after(api: Api) -> None:
        await close_the_month(api, month_end)

    return Scenes(beside, after)


@dataclass(frozen=True, slots=True)
class Desk:
    """One customer and what happens with it."""

    api: Api
    customer: str
    today: date

    async def invoice_in_instalments(self) -> None:
        """Two tax rates, a third now and the rest in two months."""
        lines = [
            {"description": "Pumps", "net_amount": "2000.00", "tax_code": "S", "tax_rate_pct": "19"},
            {"description": "Manuals", "net_amount": "100.00", "tax_code": "S", "tax_rate_pct": "7"},
        ]
        await self._post("RE-D1", "2487.00", 5, payment_terms="30% 10, 70% 60", lines=lines)

    async def down_payments(self) -> None:
        """One is paid and deducted from the final invoice, one has to be raised."""
        paid = await self._post("AZ-D1", "3000.00", 40, kind="down_payment_request")
        await self._mailed(paid, 40)
        await self._applied(await self._received("3000.00", 30), paid, "3000.00")
        deducted = [{"number": "AZ-D1"}]
        final = await self._post("RE-D2", "10000.00", 6, down_payments=deducted, payment_terms="2/10 net 30")
        await self._mailed(final, 5)
        await self._post("AZ-D2", "1500.00", 2, kind="down_payment_request")

    async def paid_by(self, parent: str) -> None:
        """The head of the group pays what this customer owes."""
        item = await self._post("RE-D3", "640.00", 25)
        receipt = await self._received("640.00", 3, customer_id=parent, reference="for our subsidiary")
        await self._applied(receipt, item, "640.00")

    async def bounced_cheque(self) -> None:
        """What it paid is open again, and its fee with it."""
        item = await self._post("RE-D4", "480.00", 45)
        receipt = await self._received("480.00", 12, method="cheque")
        await self._applied(receipt, item, "480.00")
        back = {"reason": "nsf", "value_date": self._day(8), "fee": "15.00"}
        await self.api.call(SPECIALIST, "POST", f"/v1/receipts/{receipt['id']}/return", json=back)

    async def chargeback(self) -> None:
        """It is open, with the proof of delivery that will contest it."""
        item = await self._post("RE-D5", "219.00", 50)
        card = {"method": "card", "card_token": "tok_demo_1", "card_last4": "4242"}
        receipt = await self._received("219.00", 20, **card)
        await self._applied(receipt, item, "219.00")
        back = {"reason": "chargeback", "reason_code": "13.1", "value_date": self._day(4)}
        returned = await self.api.call(SPECIALIST, "POST", f"/v1/receipts/{receipt['id']}/return", json=back)
        proof = {"kind": "delivery_proof", "reference": "POD RE-D5", "note": "Signed at the gate"}
        path = f"/v1/payment-exceptions/{returned['payment_exception']['id']}/evidence"
        await self.api.call(SPECIALIST, "POST", path, json=proof)

    async def refund_that_waits(self) -> None:
        """Paid twice; the second person has to approve that it is paid back."""
        item = await self._post("RE-D6", "350.00", 30)
        for days in (6, 5):
            receipt = await self._received("350.00", days, bank_reference=f"D6-{days}")
            if days == 6:
                await self._applied(receipt, item, "350.00")
        asked = {
            "customer_id": self.customer,
            "currency": "EUR",
            "reason_code": "duplicate_payment",
            "receipt_ids": [receipt["id"]],
        }
        await self.api.call(SPECIALIST, "POST", "/v1/refunds", json=asked)

    async def small_balance(self) -> None:
        """Too little to be asked for; a run that would clear it waits for the second person."""
        item = await self._post("RE-D7", "512.30", 90)
        await self._applied(await self._received("510.50", 40), item, "510.50")
        run = {"as_of": self._day(0), "company_code": "1000", "currency": "EUR", "max_amount": "5.00"}
        path = "/v1/write-offs/small-balances"
        job = await self.api.call(SPECIALIST, "POST", path, json=run | {"older_than_days": 30})
        await self.api.finished_job(SPECIALIST, job)

    async def rejected_by_the_portal(self) -> None:
        """The customer does not have this invoice, and the list of undelivered ones says why."""
        item = await self._post("RE-D8", "1890.00", 9, payment_terms="net 30")
        failed = {
            "channel": "portal",
            "status": "failed",
            "reference": "ARIBA-D8",
            "failure_reason": "Purchase order missing",
            "submitted_on": self._day(8),
            "status_on": self._day(7),
        }
        await self.api.call(SPECIALIST, "POST", f"/v1/items/{item['id']}/submissions", json=failed)

    async def _post(self, number: str, amount: str, days_ago: int, **more: Any) -> Any:
        body = {
            "number": number,
            "kind": "invoice",
            "customer_id": self.customer,
            "issue_date": self._day(days_ago),
            "payment_terms": "net 14",
            "amount": amount,
            "currency": "EUR",
        }
        return await self.api.call("erp", "POST", "/v1/items", json=body | more)

    async def _mailed(self, item: Any, days_ago: int) -> None:
        body = {"item_ids": [item["id"]], "mailed_on": self._day(days_ago)}
        await self.api.call(SPECIALIST, "POST", "/v1/submissions/mailed", json=body)

    async def _received(self, amount: str, days_ago: int, **more: Any) -> Any:
        body = {
            "method": "wire",
            "amount": amount,
            "currency": "EUR",
            "value_date": self._day(days_ago),
            "customer_id": self.customer,
        }
        return await self.api.call(SPECIALIST, "POST", "/v1/receipts", json=body | more)

    async def _applied(self, receipt: Any, item: Any, amount: str) -> None:
        body = {"allocations": [{"item_id": item["id"], "amount": amount}]}
        await self.api.call(SPECIALIST, "POST", f"/v1/receipts/{receipt['id']}/applications", json=body)

    def _day(self, days_ago: int) -> str:
        return (self.today - timedelta(days=days_ago)).isoformat()


async def live_through_a_month(api: Api, customers: Sequence[str], last: date) -> None:
    """Post the subsidiary's two invoices of a month and import the bank statement, to the last day, that pays them."""
    own = {"currency": "EUR", "company_code": SUBSIDIARY, "ledger_account": "bank_service"}
    await api.call("erp", "PUT", f"/v1/bank-accounts/{SUBSIDIARY_ACCOUNT}", json=own)
    credits_ = []
    for position, (customer, amount) in enumerate(zip(customers, ("1190.00", "833.00"), strict=True), start=1):
        invoice = {
            "company_code": SUBSIDIARY,
            "number": f"SV-{last:%Y-%m}-{position}",
            "kind": "invoice",
            "customer_id": customer,
            "issue_date": last.replace(day=2).isoformat(),
            "payment_terms": "net 30",
            "amount": amount,
            "currency": "EUR",
        }
        item = await api.call("erp", "POST", "/v1/items", json=invoice)
        mailed = {"item_ids": [item["id"]], "mailed_on": invoice["issue_date"]}
        await api.call(SPECIALIST, "POST", "/v1/submissions/mailed", json=mailed)
        credits_.append(_transfer(f"S{last:%Y%m}{position}", last, Decimal(amount), str(invoice["number"])))
    (statement,) = write_statements(credits_)
    await api.import_file("erp", "subsidiary.xml", statement.content, kind="bank_statement")


async def close_the_month(api: Api, last: date) -> None:
    """Prove the books and close the subsidiary's month, over what its checklist shows open; the pack is there from then on."""
    period = f"{last:%Y-%m}"
    job = await api.call(CONTROLLER, "POST", "/v1/ledger/proofs")
    await api.finished_job(CONTROLLER, job)
    checklist = await api.call(CONTROLLER, "GET", f"/v1/periods/{period}", params={"company_code": SUBSIDIARY})
    open_ = [one["name"] for one in checklist["checks"] if one["state"] == "open" and one["acceptable"]]
    accept = [{"check": name, "reason": "Seen to in the new month"} for name in open_]
    close = {"company_code": SUBSIDIARY, "note": "Reviewed", "accept": accept}
    await api.call(CONTROLLER, "POST", f"/v1/periods/{period}/close", json=close)


def _transfer(reference: str, on: date, amount: Decimal, number: str) -> BankCredit:
    return BankCredit(
        account=SUBSIDIARY_ACCOUNT,
        reference=reference,
        value_date=on,
        amount=amount,
        currency="EUR",
        payer_name="Kunde",
        payer_account=None,
        purpose=f"Invoice {number}",
    )
