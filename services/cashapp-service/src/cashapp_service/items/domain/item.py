"""An open item and how its balance may change.

The one thing to know: amount and balance are signed. A credit memo is negative, and no posting takes a balance across
zero or beyond the amount.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from cashapp_service.ledger.domain import Entry, Line
from shared.days import FIRST_DAY
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.cashapp import ItemCleared, ItemKind, ItemPosted, ItemPosting, ItemState, ItemUpdated
from shared.events.envelope import CheckedEvent
from shared.ids import new_id
from shared.money import rounded
from shared.payment_terms import PaymentTerms
from shared.values import changed, value

DEFAULT_COMPANY_CODE = "1000"
NUMBER_MAX = 64
DocumentKey = tuple[str, str]
"""Company code and number, of a document or of one item."""
SubmissionState = Literal["not_required", "pending", "submitted", "delivered", "failed"]
"""Whether the customer has the document: as its latest submission says; what no document was sent for needs none."""


class ItemNotFoundError(NotFoundError):
    """No item has this id."""

    code = "item_not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"There is no item {item_id}: find it with GET /v1/items?number=….")


class NumberTakenError(ConflictError):
    """A number was free, and another request took it before this one could."""

    code = "number_taken_meanwhile"

    def __init__(self) -> None:
        super().__init__("A document number was taken by another request at the same time: send this one again.")


class BalanceExceededError(ConflictError):
    """More is applied to an item than is open of it."""

    code = "item_balance_exceeded"

    def __init__(self, item: "Item", wanted: Decimal, *, fits: Decimal | None = None, field: str | None = None) -> None:
        remedy = f"apply at most {item.balance if fits is None else fits} {item.currency}"
        super().__init__(
            f"Item {item.number} has a balance of {abs(item.balance)} {item.currency}, less than the {abs(wanted)}"
            f" asked for: {remedy}.",
            field=field,
        )


class ItemClearedError(ConflictError):
    """Nothing is open of the item."""

    code = "item_cleared"

    def __init__(self, item: "Item") -> None:
        super().__init__(f"Item {item.number} is cleared: its due date does not matter any more.", field="due_date")


class DueDateUnchangedError(InvalidError):
    """The due date is the one that the item has."""

    code = "due_date_unchanged"

    def __init__(self, item: "Item") -> None:
        super().__init__(f"Item {item.number} is due on {item.due_date} already.", field="due_date")


class DueTooEarlyError(InvalidError):
    """The item would have been due before it was issued."""

    code = "due_before_issue"

    def __init__(self, item: "Item") -> None:
        super().__init__(f"The due date must not lie before the issue date {item.issue_date}.", field="due_date")


@value(frozen=True, slots=True, kw_only=True)
class Item:
    """An item. Version 0 is one that is not posted yet: its issue makes it version 1.

    `postable_from` is the first day on which it may be cleared: that of its issue's posting, or the last day on which it was
    reopened. `document_number` is the ERP's; that of an instalment has the position behind it. `tax_amount` is signed as the
    amount is. Without a `posting_date` it is posted on its issue date. After `last_posting_date` its balance never changed, so as
    of a later day it is the present one. `discount_carried` is what the parts paid in time have earned of the cash discount, to
    the last fraction of a unit, above what was granted for them; it is below zero where rounding granted more.
    """

    item_id: str
    company_code: str
    number: str
    kind: ItemKind
    customer_id: str
    issue_date: date
    due_date: date
    postable_from: date
    amount: Decimal
    currency: str
    balance: Decimal = Decimal(0)
    version: int = 0
    last_posting_date: date = FIRST_DAY
    payment_terms: str | None = None
    order_id: str | None = None
    po_number: str | None = None
    reference: str | None = None
    document_number: str | None = None
    instalment: int | None = None
    posting_date: date | None = None
    tax_amount: Decimal = Decimal(0)
    reason_code: str | None = None
    refers_to: str | None = None
    submission: SubmissionState = "not_required"
    discount_carried: Decimal = Decimal(0)

    @property
    def posted_on(self) -> date:
        """The day on which its issue counts in the ledger."""
        return self.posting_date or self.issue_date

    @property
    def is_credit(self) -> bool:
        """Whether we owe it to the customer."""
        return self.amount < 0

    def after(self, line: Line, posting_date: date) -> "Item":
        """Return the item after one posting; raise `BalanceExceededError` where that would cross zero or the amount."""
        balance = self.balance + line.amount
        if not (0 <= balance <= self.amount or self.amount <= balance <= 0):
            raise BalanceExceededError(self, line.amount)
        reopened = abs(balance) > abs(self.balance)
        return changed(
            self,
            balance=balance,
            version=self.version + 1,
            last_posting_date=max(self.last_posting_date, posting_date),
            postable_from=max(self.postable_from, posting_date) if reopened else self.postable_from,
        )

    def due_on(self, due_date: date) -> "Item":
        """Return the item with another due date.

        Raises `ItemClearedError`, `DueDateUnchangedError`, `DueTooEarlyError`.
        """
        if not self.balance:
            raise ItemClearedError(self)
        if due_date == self.due_date:
            raise DueDateUnchangedError(self)
        if due_date < self.issue_date:
            raise DueTooEarlyError(self)
        return changed(self, due_date=due_date, version=self.version + 1)

    def due_date_event(self, on: date) -> ItemUpdated:
        """Return what is told of a changed due date: a posting of nothing, since every version is told with one."""
        posting = ItemPosting(posting_id=new_id("pst"), posting_date=on, kind="issue", amount=Decimal(0))
        return ItemUpdated(version=self.version, item=self.state, posting=posting)

    def event(self, entry: Entry, line: Line) -> CheckedEvent:
        """Return what is told of the posting that made this state; what the ledger posts was checked before."""
        kind = ItemPosted if self.version == 1 else ItemUpdated if self.balance else ItemCleared
        posting = {
            "posting_id": line.posting_id,
            "posting_date": entry.posting_date,
            "kind": line.kind,
            "amount": line.amount,
            # The receipt stands beside its money only: a discount taken with it, or taken back, is none of it.
            "receipt_id": entry.receipt_id if line.kind in ("payment", "reversal") else None,
            "application_id": entry.application_id,
            "dispute_id": entry.dispute_id,
            "value_date": entry.value_date,
        }
        content = {"version": self.version, "item": self._told, "posting": posting}
        return CheckedEvent(kind, self.item_id, self.customer_id, content)

    @property
    def state(self) -> ItemState:
        """What the other services and integrators are told of the item."""
        return ItemState.model_construct(**self._told)

    @property
    def _told(self) -> dict[str, Any]:
        return {
            "item_id": self.item_id,
            "number": self.number,
            "company_code": self.company_code,
            "kind": self.kind,
            "customer_id": self.customer_id,
            "issue_date": self.issue_date,
            "due_date": self.due_date,
            "amount": self.amount,
            "balance": self.balance,
            "currency": self.currency,
            "status": "open" if self.balance else "cleared",
            "order_id": self.order_id,
            "po_number": self.po_number,
            "reference": self.reference,
            "payment_terms": self.payment_terms,
        }

    def discount_earned(self, paid_on: date, *, cleared: Decimal, grace_days: int) -> Decimal:
        """Return what clearing this part of the item on `paid_on` earns of its cash discount, not rounded; none on a memo."""
        if self.payment_terms is None or self.is_credit or cleared <= 0:
            return Decimal(0)
        terms = PaymentTerms.parse(self.payment_terms)
        return terms.discount_earned(paid_on, cleared, issue_date=self.issue_date, grace_days=grace_days)

    def earned_discount(self, paid_on: date, *, cleared: Decimal, grace_days: int) -> Decimal:
        """Return the cash discount that may be granted when `cleared` of the item is paid on `paid_on`.

        It is what all parts paid in time have earned, rounded half up once, less what was granted for them: so the parts come
        to the discount of the whole, to its smallest unit. What is paid too late is granted none, whatever is carried.
        """
        earned = self.discount_earned(paid_on, cleared=cleared, grace_days=grace_days)
        if not earned:
            return Decimal(0)
        return max(rounded(self.discount_carried + earned, self.currency), Decimal(0))

    def granted_discount(self, paid_on: date, *, paid: Decimal, wanted: Decimal, grace_days: int) -> Decimal:
        """Return how much of the discount that is `wanted` beside a payment is granted."""
        granted, before = wanted, None
        # The grant counts in what it is granted on, so that it shrinks with itself until it holds.
        while granted != before:
            before = granted
            granted = min(granted, self.earned_discount(paid_on, cleared=paid + granted, grace_days=grace_days))
        return granted


@value(frozen=True, slots=True)
class PostedItem:
    """An item as it stands in the books, with what only those who look at it need."""

    item: Item
    lines: Sequence[dict[str, Any]]
    disputed_amount: Decimal
    posted_at: datetime
    posted_by: str | None
