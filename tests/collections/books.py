"""What cashapp-service would tell: items and receipts whose events can be delivered in any order, and what they add up to."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from shared.events.cashapp import (
    ItemCleared,
    ItemEvent,
    ItemPosted,
    ItemPosting,
    ItemState,
    ItemUpdated,
    PaymentApplied,
    PaymentEvent,
    PaymentReceived,
    PaymentRefunded,
    PaymentReturned,
    PaymentReversed,
    ReceiptPosting,
    ReceiptState,
)

DAY = date(2026, 3, 2)
ZERO = Decimal(0)


def day(offset: int) -> date:
    """Return the day `offset` days after the first one."""
    return DAY + timedelta(days=offset)


@dataclass
class Applied:
    """One application and what it gave."""

    receipt_id: str
    item_id: str
    amount: Decimal
    reversed: bool = False


@dataclass
class Books:
    """A small sub-ledger. Every change appends the events that it would publish to `events`."""

    prefix: str = ""
    events: list[ItemEvent | PaymentEvent] = field(default_factory=list)
    items: dict[str, tuple[ItemState, int]] = field(default_factory=dict)
    receipts: dict[str, tuple[ReceiptState, int]] = field(default_factory=dict)
    applications: dict[str, Applied] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def invoice(self, customer_id: str, amount: str, *, on: date = DAY, due: date | None = None, **more: Any) -> str:
        """Post an item and return its id; a negative amount is a credit memo."""
        number = next(self.numbers)
        state = ItemState(
            item_id=f"itm_{self.prefix}{number:04}",
            number=f"RE-{number}",
            company_code=more.get("company_code", "1000"),
            kind="invoice" if Decimal(amount) > 0 else "credit_memo",
            customer_id=customer_id,
            issue_date=on,
            due_date=due or on + timedelta(days=30),
            amount=Decimal(amount),
            balance=ZERO,
            currency=more.get("currency", "EUR"),
            status="open",
        )
        self.items[state.item_id] = (state, 0)
        self._post_item(state.item_id, Decimal(amount), "issue", on)
        return state.item_id

    def receive(self, customer_id: str | None, amount: str, *, on: date, currency: str = "EUR") -> str:
        """Take money in, unapplied where the payer is known, and return the receipt's id."""
        state = ReceiptState(
            receipt_id=f"rcp_{self.prefix}{next(self.numbers):04}",
            method="wire",
            customer_id=customer_id,
            company_code="1000",
            amount=Decimal(amount),
            currency=currency,
            value_date=on,
            status="unapplied" if customer_id else "unidentified",
            applied=ZERO,
            on_account=ZERO,
            unapplied=Decimal(amount) if customer_id else ZERO,
            unidentified=ZERO if customer_id else Decimal(amount),
            refunded=ZERO,
            returned=ZERO,
        )
        self.receipts[state.receipt_id] = (state, 0)
        self._post_receipt(PaymentReceived, state, on)
        return state.receipt_id

    def apply(self, receipt_id: str, item_id: str, amount: str, *, on: date | None = None) -> str:
        """Apply unapplied money to an item and return the application's id."""
        state = self.receipts[receipt_id][0]
        paid_on = on or state.value_date
        application_id = f"app_{self.prefix}{next(self.numbers):04}"
        self.applications[application_id] = Applied(receipt_id, item_id, Decimal(amount))
        self._post_item(item_id, -Decimal(amount), "payment", paid_on, receipt_id, application_id)
        after = state.model_copy(
            update={"applied": state.applied + Decimal(amount), "unapplied": state.unapplied - Decimal(amount)}
        )
        self._post_receipt(PaymentApplied, after, paid_on, application_id=application_id, allocations=[])
        return application_id

    def put_on_account(self, receipt_id: str) -> None:
        """Put what is unapplied on the customer's account."""
        state = self.receipts[receipt_id][0]
        after = state.model_copy(update={"on_account": state.on_account + state.unapplied, "unapplied": ZERO})
        self._post_receipt(PaymentApplied, after, state.value_date, application_id="app_account", allocations=[])

    def identify(self, receipt_id: str, customer_id: str, *, on: date) -> None:
        """The payer becomes known."""
        state = self.receipts[receipt_id][0]
        after = state.model_copy(
            update={"customer_id": customer_id, "unapplied": state.unidentified, "unidentified": ZERO}
        )
        self._post_receipt(PaymentReceived, after, on)

    def reverse(self, application_id: str, *, on: date) -> None:
        """Take an application back; the money is unapplied again."""
        applied = self.applications[application_id]
        applied.reversed = True
        self._post_item(applied.item_id, applied.amount, "reversal", on, applied.receipt_id, application_id)
        state = self.receipts[applied.receipt_id][0]
        after = state.model_copy(
            update={"applied": state.applied - applied.amount, "unapplied": state.unapplied + applied.amount}
        )
        self._post_receipt(PaymentReversed, after, on, application_id=application_id, allocations=[])

    def refund(self, receipt_id: str, amount: str, *, on: date) -> None:
        """Pay unapplied money back to the customer."""
        state = self.receipts[receipt_id][0]
        left = state.unapplied - Decimal(amount)
        after = state.model_copy(update={"unapplied": left, "refunded": state.refunded + Decimal(amount)})
        self._post_receipt(PaymentRefunded, after, on, refund_id=f"rfd_{self.prefix}{next(self.numbers):04}")

    def give_back(self, receipt_id: str, *, on: date) -> None:
        """The bank takes the money back; every application is reversed."""
        for application_id, applied in self.applications.items():
            if applied.receipt_id == receipt_id and not applied.reversed:
                applied.reversed = True
                self._post_item(applied.item_id, applied.amount, "reversal", on, receipt_id, application_id)
        state = self.receipts[receipt_id][0]
        nothing = {"applied": ZERO, "on_account": ZERO, "unapplied": ZERO, "unidentified": ZERO}
        after = state.model_copy(update=nothing | {"returned": state.amount, "status": "returned"})
        self._post_receipt(PaymentReturned, after, on, reason="nsf", allocations=[])

    def credit(self, item_id: str, amount: str, *, on: date) -> None:
        """Take off an item by a credit memo."""
        self._post_item(item_id, -Decimal(amount), "credit", on)

    def _post_item(
        self,
        item_id: str,
        amount: Decimal,
        kind: Any,
        on: date,
        receipt_id: str | None = None,
        application_id: str | None = None,
    ) -> None:
        state, version = self.items[item_id]
        balance = state.balance + amount
        state = state.model_copy(update={"balance": balance, "status": "open" if balance else "cleared"})
        self.items[item_id] = (state, version + 1)
        posting = ItemPosting(
            posting_id=f"pst_{self.prefix}{next(self.numbers):04}",
            posting_date=on,
            kind=kind,
            amount=amount,
            receipt_id=receipt_id,
            application_id=application_id,
            value_date=self.receipts[receipt_id][0].value_date if receipt_id else None,
        )
        event = ItemPosted if version == 0 else ItemUpdated if balance else ItemCleared
        self.events.append(event(version=version + 1, item=state, posting=posting))

    def _post_receipt(self, event: type[PaymentEvent], after: ReceiptState, on: date, **more: Any) -> None:
        before, version = self.receipts[after.receipt_id]
        base = before if version else before.model_copy(update={"unapplied": ZERO, "unidentified": ZERO})
        self.receipts[after.receipt_id] = (after, version + 1)
        posting = ReceiptPosting(
            posting_id=f"pst_{self.prefix}{next(self.numbers):04}",
            posting_date=on,
            on_account=after.on_account - base.on_account,
            unapplied=after.unapplied - base.unapplied,
            unidentified=after.unidentified - base.unidentified,
        )
        self.events.append(event(version=version + 1, receipt=after, posting=posting, **more))
