"""Events of the other services as credit-service receives them, for its tests."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from shared.events.cashapp import (
    ItemCleared,
    ItemEvent,
    ItemPosted,
    ItemPosting,
    ItemState,
    ItemUpdated,
    PaymentEvent,
    PaymentReceived,
    ReceiptPosting,
    ReceiptState,
)
from shared.events.dispute import DisputedItem, DisputeEvent, DisputeOpened, DisputeState

DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Item:
    """An item whose events are built one after the other."""

    number: str
    customer_id: str
    amount: Decimal
    balance: Decimal
    order_id: str | None = None
    kind: str = "invoice"
    currency: str = "EUR"
    due_date: date = date(2026, 4, 1)
    version: int = 1

    def event(self, *, day: date = DAY, kind: str = "issue") -> ItemEvent:
        """Return the event that tells the item's present state."""
        state = ItemState(
            item_id=f"itm_{self.number}",
            number=self.number,
            company_code="1000",
            kind=self.kind,
            customer_id=self.customer_id,
            issue_date=DAY,
            due_date=self.due_date,
            amount=self.amount,
            balance=self.balance,
            currency=self.currency,
            status="cleared" if self.balance == 0 else "open",
            order_id=self.order_id,
        )
        posting = ItemPosting(
            posting_id=f"pst_{self.number}_{self.version}",
            posting_date=day,
            kind=kind,
            amount=self.balance,
        )
        model = ItemPosted if self.version == 1 else ItemCleared if self.balance == 0 else ItemUpdated
        return model(version=self.version, item=state, posting=posting)

    def now(self, balance: str | Decimal) -> "Item":
        """Return the item with another balance."""
        return replace(self, balance=Decimal(balance), version=self.version + 1)


def invoice(number: str, customer_id: str, amount: str | Decimal, order_id: str | None = None, **more: object) -> Item:
    """Return a new open invoice."""
    return Item(number, customer_id, Decimal(amount), Decimal(amount), order_id, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Receipt:
    """A receipt whose events are built one after the other."""

    number: str
    customer_id: str | None
    amount: Decimal
    unapplied: Decimal
    on_account: Decimal = Decimal(0)
    currency: str = "EUR"
    version: int = 1
    fields: dict[str, object] = field(default_factory=dict)

    def event(self, *, day: date = DAY) -> PaymentEvent:
        """Return the event that tells the receipt's present state."""
        known = self.customer_id is not None
        state = ReceiptState(
            receipt_id=f"rcp_{self.number}",
            method="wire",
            customer_id=self.customer_id,
            company_code="1000",
            amount=self.amount,
            currency=self.currency,
            value_date=DAY,
            status="unapplied" if known else "unidentified",
            applied=self.amount - self.unapplied - self.on_account,
            on_account=self.on_account if known else Decimal(0),
            unapplied=self.unapplied if known else Decimal(0),
            unidentified=Decimal(0) if known else self.unapplied,
            refunded=Decimal(0),
            returned=Decimal(0),
        )
        posting = ReceiptPosting(
            posting_id=f"pst_{self.number}_{self.version}",
            posting_date=day,
            on_account=Decimal(0),
            unapplied=Decimal(0),
            unidentified=Decimal(0),
        )
        return PaymentReceived(version=self.version, receipt=state, posting=posting)

    def now(self, **changes: object) -> "Receipt":
        """Return the receipt after a change."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def receipt(number: str, customer_id: str | None, amount: str) -> Receipt:
    """Return new money that is not applied."""
    return Receipt(number, customer_id, Decimal(amount), Decimal(amount))


def dispute(number: str, customer_id: str, disputed: str, version: int = 1) -> DisputeEvent:
    """Return the event of a case in which so much is disputed."""
    amount, none = Decimal(disputed), Decimal(0)
    item = DisputedItem(
        item_id="itm_1",
        number="1",
        original_amount=amount,
        disputed_amount=amount,
        credited_amount=none,
        paid_amount=none,
    )
    state = DisputeState(
        dispute_id=f"dsp_{number}",
        number=number,
        customer_id=customer_id,
        status="new",
        reason_code="price",
        source="call",
        currency="EUR",
        disputed_amount=amount,
        items=[item],
        opened_on=DAY,
        due_on=DAY,
    )
    return DisputeOpened(version=version, dispute=state)
