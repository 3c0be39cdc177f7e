"""A stand-in for cashapp-service: items with balances, the events it tells of them, and its answer for an item."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count

import httpx

from shared.events.cashapp import (
    ItemCleared,
    ItemEvent,
    ItemPosted,
    ItemPosting,
    ItemState,
    ItemUpdated,
    PaymentReturned,
    PaymentReversed,
    PaymentShortPaid,
    PostingKind,
    ReceiptPosting,
    ReceiptState,
)

DAY = date(2026, 3, 2)


@dataclass
class LedgerItem:
    """One item as cashapp-service has it."""

    item_id: str
    amount: Decimal
    customer_id: str
    currency: str
    balance: Decimal = Decimal(0)
    version: int = 0

    @property
    def state(self) -> ItemState:
        """What events tell of it."""
        return ItemState(
            item_id=self.item_id,
            number=self.item_id.upper(),
            company_code="1000",
            kind="invoice",
            customer_id=self.customer_id,
            issue_date=DAY,
            due_date=DAY,
            amount=self.amount,
            balance=self.balance,
            currency=self.currency,
            status="open" if self.balance else "cleared",
        )


@dataclass
class Ledger:
    """Items and the events of what happens to them, in the order in which it happened."""

    prefix: str = ""
    items: dict[str, LedgerItem] = field(default_factory=dict)
    asked: int = 0
    down: bool = False
    _numbers: "count[int]" = field(default_factory=count)

    def post(self, item_id: str, amount: str, *, customer: str = "C-1", currency: str = "EUR") -> ItemEvent:
        """Post an invoice."""
        item = LedgerItem(item_id, Decimal(amount), customer, currency)
        self.items[item_id] = item
        return self._change(item, "issue", Decimal(amount))

    def pay(self, item_id: str, amount: str) -> ItemEvent:
        """Apply a payment."""
        return self._change(self.items[item_id], "payment", -Decimal(amount))

    def unpay(self, item_id: str, amount: str) -> ItemEvent:
        """Reverse a payment."""
        return self._change(self.items[item_id], "reversal", Decimal(amount))

    def credit(self, item_id: str, amount: str, dispute_id: str) -> ItemEvent:
        """Apply the credit memo of a case; below zero reverses one."""
        kind: PostingKind = "credit" if Decimal(amount) > 0 else "reversal"
        return self._change(self.items[item_id], kind, -Decimal(amount), dispute_id=dispute_id)

    def _change(
        self, item: LedgerItem, kind: PostingKind, amount: Decimal, *, dispute_id: str | None = None
    ) -> ItemEvent:
        item.balance += amount
        item.version += 1
        posting = ItemPosting(
            posting_id=f"pst_{self.prefix}_{next(self._numbers)}",
            posting_date=DAY,
            kind=kind,
            amount=amount,
            dispute_id=dispute_id,
        )
        event = ItemPosted if kind == "issue" else ItemUpdated if item.balance else ItemCleared
        return event(version=item.version, item=item.state, posting=posting)

    def short_payment(
        self,
        item_id: str,
        shortfall: str,
        *,
        receipt: str = "rcp_1",
        application: str = "app_1",
        reason: str = "price",
        version: int = 1,
        short_payment: str | None = None,
    ) -> PaymentShortPaid:
        """Tell that a payment of this item was short; pay it first."""
        item = self.items[item_id]
        return PaymentShortPaid(
            version=version,
            short_payment_id=short_payment or f"shp_{application}_{item_id}",
            receipt_id=receipt,
            application_id=application,
            item=item.state,
            item_version=item.version,
            shortfall=Decimal(shortfall),
            reason_code=reason,
            paid_on=DAY,
        )

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        item = self.items.get(request.url.path.rsplit("/", 1)[1])
        if self.down:
            raise httpx.ConnectError("down", request=request)
        if item is None:
            return httpx.Response(404, json={})
        state = item.state.model_dump(mode="json")
        return httpx.Response(200, json=state | {"id": item.item_id, "version": item.version})

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """What to call in place of cashapp-service's address."""
        return httpx.MockTransport(self._answer)


def receipt_state(receipt: str = "rcp_1") -> ReceiptState:
    """Return a receipt whose money was taken back."""
    nothing = Decimal(0)
    return ReceiptState(
        receipt_id=receipt,
        method="cheque",
        customer_id="C-1",
        company_code="1000",
        amount=Decimal(950),
        currency="EUR",
        value_date=DAY,
        status="returned",
        applied=nothing,
        on_account=nothing,
        unapplied=nothing,
        unidentified=nothing,
        refunded=nothing,
        returned=Decimal(950),
    )


def _receipt_posting() -> ReceiptPosting:
    nothing = Decimal(0)
    return ReceiptPosting(
        posting_id="pst_r", posting_date=DAY, on_account=nothing, unapplied=nothing, unidentified=nothing
    )


def payment_returned(receipt: str = "rcp_1", amount: str = "950.00") -> PaymentReturned:
    """The bank took a receipt's money back, or a part of it."""
    left = Decimal(950) - Decimal(amount)
    state = receipt_state(receipt).model_copy(
        update={"returned": Decimal(amount), "applied": left, "status": "applied" if left else "returned"}
    )
    return PaymentReturned(version=9, receipt=state, posting=_receipt_posting(), reason="nsf", allocations=[])


def payment_reversed(receipt: str = "rcp_1", application: str = "app_1") -> PaymentReversed:
    """An application of a receipt was reversed."""
    return PaymentReversed(
        version=9,
        receipt=receipt_state(receipt),
        posting=_receipt_posting(),
        application_id=application,
        allocations=[],
    )
