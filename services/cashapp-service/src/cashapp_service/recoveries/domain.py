"""What a recovery takes of a receipt, and the entry that books it or takes it back.

The one thing to know: a recovery reinstates what was written off of the item, to `recoveries`, and pays it at once. So the
item's balance stays as it was, what it was paid and what was written off of it stay true, and the receipt is applied.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from cashapp_service.receipts.domain import Receipt, ReceiptExhaustedError, cash_lines
from cashapp_service.write_offs.domain.write_off import Share
from shared.errors import ConflictError, InvalidError, NotFoundError

RecoveryStatus = Literal["active", "reversed"]


class RecoveryNotFoundError(NotFoundError):
    """No recovery has this id."""

    code = "recovery_not_found"

    def __init__(self, recovery_id: str) -> None:
        super().__init__(f"There is no recovery {recovery_id}: see GET /v1/write-offs/{{id}}/recoveries.")


class RecoveryReversedError(ConflictError):
    """The recovery was reversed before."""

    code = "already_reversed"

    def __init__(self, recovery_id: str) -> None:
        super().__init__(f"Recovery {recovery_id} was reversed before; nothing is left of it to reverse.")


class ForeignReceiptError(InvalidError):
    """The receipt cannot pay what was written off."""

    code = "foreign_receipt"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="receipt_id")


class WhichItemError(InvalidError):
    """The write-off has several items, or not the one that is named."""

    code = "which_item"

    def __init__(self, numbers: list[str]) -> None:
        super().__init__(f"Send the item_id of one of its items: {', '.join(numbers)}.", field="item_id")


class NothingRecoverableError(ConflictError):
    """Nothing is left of the receipt, or of what was written off."""

    code = "nothing_recoverable"

    def __init__(self) -> None:
        super().__init__("Nothing is left of the receipt, or all that was written off was recovered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRecovery:
    """A recovery as it is asked for; without `amount`, as much as the receipt has and the write-off leaves."""

    write_off_id: str
    receipt_id: str
    item_id: str | None
    amount: Decimal | None
    posting_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Money of a receipt for a written-off item, and where it was taken from."""

    recovery_id: str
    item_id: str
    number: str
    amount: Decimal
    from_unapplied: Decimal
    from_on_account: Decimal


def share_of(shares: list[Share], item_id: str | None) -> Share:
    """Return what was written off of the item that is meant; raise `WhichItemError`."""
    found = shares if item_id is None else [share for share in shares if share.item_id == item_id]
    if len(found) != 1:
        raise WhichItemError([share.number for share in shares])
    return found[0]


def check_receipt(receipt: Receipt, item: Item) -> None:
    """Raise `ForeignReceiptError` unless the receipt is one of the item's customer, company code and currency."""
    if receipt.customer_id is None:
        raise ForeignReceiptError("Nobody knows who paid the receipt: identify it first.")
    for name in ("customer_id", "company_code", "currency"):
        if getattr(receipt, name) != getattr(item, name):
            words = name.removesuffix("_id").replace("_", " ")
            raise ForeignReceiptError(
                f"Item {item.number} has the {words} {getattr(item, name)}, the receipt {getattr(receipt, name)}:"
                " they must be the same."
            )


def plan_recovery(recovery_id: str, receipt: Receipt, share: Share, wanted: Decimal | None) -> Recovery:
    """Return what is taken of the receipt, unapplied money first.

    Raises `NothingRecoverableError` and `ReceiptExhaustedError`.
    """
    there = receipt.unapplied + receipt.on_account
    amount = min(there, share.amount - share.recovered) if wanted is None else wanted
    if amount <= 0:
        raise NothingRecoverableError
    if amount > there:
        raise ReceiptExhaustedError(receipt, amount, fits=there, field="amount")
    unapplied = min(amount, receipt.unapplied)
    return Recovery(
        recovery_id=recovery_id,
        item_id=share.item_id,
        number=share.number,
        amount=amount,
        from_unapplied=unapplied,
        from_on_account=amount - unapplied,
    )


def recovery_entry(recovery: Recovery, receipt: Receipt, *, on: date, back: bool = False) -> Entry:
    """Return the entry that books a recovery, or that takes it back."""
    amount = -recovery.amount if back else recovery.amount
    reinstated = Line(
        account=Account.RECEIVABLES,
        amount=amount,
        kind="write_off",
        customer_id=receipt.customer_id,
        item_id=recovery.item_id,
    )
    paid = Line(
        account=Account.RECEIVABLES,
        amount=-amount,
        kind="reversal" if back else "payment",
        customer_id=receipt.customer_id,
        item_id=recovery.item_id,
    )
    income = Line(account=Account.RECOVERIES, amount=-amount, kind="write_off", customer_id=receipt.customer_id)
    sign = 1 if back else -1
    money = cash_lines(receipt, unapplied=sign * recovery.from_unapplied, on_account=sign * recovery.from_on_account)
    # What is paid must be open, and what is reopened by its reversal must not stay so.
    lines = (paid, reinstated) if back else (reinstated, paid)
    return Entry(
        kind="recovery",
        posting_date=on,
        value_date=receipt.value_date,
        company_code=receipt.company_code,
        currency=receipt.currency,
        receipt_id=receipt.receipt_id,
        document_id=recovery.recovery_id,
        lines=(*lines, income, *money),
    )
