"""What cashapp-service publishes: items, payments, refunds, write-offs, periods; each balance with what changed it."""

from typing import Literal

from pydantic import Field

from shared.days import Day
from shared.events.envelope import EventData, State
from shared.money import Amount, CurrencyCode, NonNegativeAmount, PositiveAmount

ItemKind = Literal["invoice", "debit_memo", "credit_memo", "down_payment_request"]
ItemStatus = Literal["open", "cleared"]
ReceiptStatus = Literal["unidentified", "unapplied", "partially_applied", "applied", "refunded", "returned"]
PostingKind = Literal["issue", "payment", "discount", "credit", "tolerance", "write_off", "residual", "reversal"]


class ItemState(State):
    """An open or cleared item. A credit memo's amount and balance are negative."""

    item_id: str
    number: str
    company_code: str
    kind: ItemKind
    customer_id: str
    issue_date: Day
    due_date: Day
    amount: Amount
    balance: Amount
    currency: CurrencyCode
    status: ItemStatus
    order_id: str | None = None
    po_number: str | None = None
    reference: str | None = None
    payment_terms: str | None = None


class ItemPosting(State):
    """The change of one item's balance by one journal entry; an issue of zero tells that another due date was agreed."""

    posting_id: str
    posting_date: Day
    kind: PostingKind
    amount: Amount = Field(description="Signed change of the balance: an issue adds, a payment takes away")
    receipt_id: str | None = None
    application_id: str | None = None
    dispute_id: str | None = None
    value_date: Day | None = Field(default=None, description="Value date of the receipt behind it")


class ItemEvent(EventData):
    """An item and the posting that changed it."""

    item: ItemState
    posting: ItemPosting

    @property
    def aggregate_id(self) -> str:
        """The item."""
        return self.item.item_id

    @property
    def about_customer(self) -> str | None:
        """The customer who owes it."""
        return self.item.customer_id


class ItemPosted(ItemEvent):
    """An item was posted; its posting is the issue itself."""

    type = "item.posted"


class ItemUpdated(ItemEvent):
    """An item's balance changed and something is open."""

    type = "item.updated"


class ItemCleared(ItemEvent):
    """An item's balance became zero."""

    type = "item.cleared"


class ReceiptState(State):
    """A receipt: amount = applied + on_account + unapplied + unidentified + refunded + returned."""

    receipt_id: str
    method: str
    customer_id: str | None = Field(description="None while the payer is unidentified")
    company_code: str
    amount: PositiveAmount
    currency: CurrencyCode
    value_date: Day
    status: ReceiptStatus
    applied: NonNegativeAmount
    on_account: NonNegativeAmount
    unapplied: NonNegativeAmount
    unidentified: NonNegativeAmount
    refunded: NonNegativeAmount
    returned: NonNegativeAmount
    payer_name: str | None = None
    reference: str | None = None


class ReceiptPosting(State):
    """The change of a receipt's unallocated cash by one journal entry."""

    posting_id: str
    posting_date: Day
    on_account: Amount = Field(description="Signed change of the money on account")
    unapplied: Amount = Field(description="Signed change of the unapplied money of a known customer")
    unidentified: Amount = Field(description="Signed change of the money of an unknown payer")


class Allocation(State):
    """What one application takes from a receipt for one item, in the item's currency."""

    item_id: str
    number: str
    amount: NonNegativeAmount
    discount: NonNegativeAmount
    tolerance_write_off: NonNegativeAmount
    customer_id: str | None = Field(default=None, description="Who owes the item, who need not be who paid")
    currency: CurrencyCode | None = Field(default=None, description="The item's, where it is told")
    receipt_amount: NonNegativeAmount | None = Field(
        default=None, description="What it takes of the receipt, in the receipt's currency"
    )


class PaymentEvent(EventData):
    """A receipt and the posting that changed it."""

    receipt: ReceiptState
    posting: ReceiptPosting

    @property
    def aggregate_id(self) -> str:
        """The receipt."""
        return self.receipt.receipt_id

    @property
    def about_customer(self) -> str | None:
        """The customer who paid, where known."""
        return self.receipt.customer_id


class PaymentReceived(PaymentEvent):
    """Money came in, or the payer of money received earlier became known."""

    type = "payment.received"


class PaymentApplied(PaymentEvent):
    """Money of a receipt was applied to items or put on account."""

    type = "payment.applied"

    application_id: str
    allocations: list[Allocation]


class PaymentReversed(PaymentEvent):
    """An application was reversed; the items are open again."""

    type = "payment.reversed"

    application_id: str
    allocations: list[Allocation]


class PaymentReturned(PaymentEvent):
    """The bank took the money back, all or a part of it; the applications that it takes are reversed."""

    type = "payment.returned"

    reason: str
    allocations: list[Allocation] = Field(description="What was reversed with it")


class PaymentRefunded(PaymentEvent):
    """Money of a receipt was paid back to its customer, or such a refund was taken back."""

    type = "payment.refunded"

    refund_id: str


class PaymentShortPaid(EventData):
    """A customer paid an item short and gave a reason; dispute-service opens a case for the shortfall.

    Where that payment is undone and the item is paid again, it goes on: its next version names the new application.
    """

    type = "payment.short_paid"

    short_payment_id: str
    receipt_id: str
    application_id: str
    item: ItemState
    item_version: int = Field(description="The version of the item that `item` shows")
    shortfall: PositiveAmount
    reason_code: str
    paid_on: Day

    @property
    def aggregate_id(self) -> str:
        """The short payment."""
        return self.short_payment_id

    @property
    def about_customer(self) -> str | None:
        """The customer who paid short."""
        return self.item.customer_id


class RefundState(State):
    """Money paid back to a customer."""

    refund_id: str
    customer_id: str
    company_code: str
    amount: PositiveAmount
    currency: CurrencyCode
    refunded_on: Day
    reason_code: str
    receipt_ids: list[str] = Field(default=[], description="Receipts whose money is paid back")
    item_ids: list[str] = Field(default=[], description="Credit memos that are paid out")


class RefundIssued(EventData):
    """A refund was approved and posted."""

    type = "refund.issued"

    refund: RefundState

    @property
    def aggregate_id(self) -> str:
        """The refund."""
        return self.refund.refund_id

    @property
    def about_customer(self) -> str | None:
        """The customer who gets it."""
        return self.refund.customer_id


class RefundReversed(EventData):
    """A posted refund was taken back: the money is the customer's again, and nothing more is paid."""

    type = "refund.reversed"

    refund: RefundState

    @property
    def aggregate_id(self) -> str:
        """The refund."""
        return self.refund.refund_id

    @property
    def about_customer(self) -> str | None:
        """The customer whose money it is."""
        return self.refund.customer_id


class WrittenOffItem(State):
    """What of an item was written off."""

    item_id: str
    number: str
    amount: PositiveAmount = Field(description="In the item's currency")


class WriteOffState(State):
    """Receivables given up."""

    write_off_id: str
    customer_id: str
    company_code: str
    amount: PositiveAmount
    currency: CurrencyCode
    posted_on: Day
    reason_code: str
    items: list[WrittenOffItem]


class WriteOffPosted(EventData):
    """A write-off was approved and posted."""

    type = "write_off.posted"

    write_off: WriteOffState

    @property
    def aggregate_id(self) -> str:
        """The write-off."""
        return self.write_off.write_off_id

    @property
    def about_customer(self) -> str | None:
        """The customer whose debt it was."""
        return self.write_off.customer_id


class WriteOffReversed(EventData):
    """A posted write-off was taken back: its items are open again."""

    type = "write_off.reversed"

    write_off: WriteOffState

    @property
    def aggregate_id(self) -> str:
        """The write-off."""
        return self.write_off.write_off_id

    @property
    def about_customer(self) -> str | None:
        """The customer whose debt it is."""
        return self.write_off.customer_id


class PeriodState(State):
    """A posting period of a company code."""

    company_code: str
    period: str = Field(description="Year and month, such as 2026-10")
    status: Literal["open", "closed"]
    changed_by: str


class PeriodClosed(EventData):
    """A period was closed: neither it nor any period before it takes postings any more."""

    type = "period.closed"

    period: PeriodState

    @property
    def aggregate_id(self) -> str:
        """Company code and period."""
        return f"{self.period.company_code}/{self.period.period}"

    @property
    def about_customer(self) -> str | None:
        """Nobody."""
        return None


class PeriodReopened(EventData):
    """A closed period was reopened by two people: it takes postings again, those before it do not."""

    type = "period.reopened"

    period: PeriodState

    @property
    def aggregate_id(self) -> str:
        """Company code and period."""
        return f"{self.period.company_code}/{self.period.period}"

    @property
    def about_customer(self) -> str | None:
        """Nobody."""
        return None
