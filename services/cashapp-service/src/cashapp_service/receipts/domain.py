"""A receipt and where its money is.

The one thing to know: amount = applied + on account + unapplied + unidentified + refunded + returned, after every entry.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from cashapp_service.ledger.domain import Account, Entry, Line
from shared.errors import ConflictError, NotFoundError, differing
from shared.events.cashapp import (
    Allocation,
    PaymentApplied,
    PaymentReceived,
    PaymentReturned,
    PaymentReversed,
    ReceiptPosting,
    ReceiptState,
    ReceiptStatus,
)

ReceiptMethod = Literal["wire", "ach", "cheque", "card", "direct_debit", "cash", "lockbox"]


class ReceiptNotFoundError(NotFoundError):
    """No receipt has this id."""

    code = "receipt_not_found"

    def __init__(self, receipt_id: str) -> None:
        super().__init__(f"There is no receipt {receipt_id}: find it with GET /v1/receipts.")


class ReceiptExistsError(ConflictError):
    """The bank reference is taken by a receipt with other content."""

    code = "receipt_exists"

    def __init__(self, bank_reference: str, fields: list[str]) -> None:
        super().__init__(
            f"There is another receipt with the bank reference {bank_reference}: it differs in {', '.join(fields)}."
            " Send the same content, or another reference.",
            errors=differing(fields),
        )


class ReceiptExhaustedError(ConflictError):
    """More is asked of a receipt than is left of it."""

    code = "receipt_exhausted"

    def __init__(self, receipt: "Receipt", wanted: Decimal, *, fits: Decimal, field: str) -> None:
        super().__init__(
            f"The receipt has {receipt.available} {receipt.currency} left to apply, less than the {wanted} asked for:"
            f" take at most {fits} {receipt.currency} of it here.",
            field=field,
        )


class OnAccountSpentError(ConflictError):
    """Money that an application put on account was applied since."""

    code = "on_account_spent"

    def __init__(self) -> None:
        super().__init__("Money that this put on account was applied or refunded since: take that back first.")


class ReceiptReturnedError(ConflictError):
    """The bank has taken the money back."""

    code = "receipt_returned"

    def __init__(self) -> None:
        super().__init__("The payment was returned: there is no money of it left, and it cannot be returned again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt. Version 0 is one that is not posted yet: its posting makes it version 1.

    `postable_from` is the first day on which its money may be applied: its value date, or the last day on which money
    came back to it. `ledger_account` is that of the house bank account it came in on, `order_id` the order that it prepays.
    """

    receipt_id: str
    method: ReceiptMethod
    company_code: str
    customer_id: str | None
    amount: Decimal
    currency: str
    value_date: date
    postable_from: date
    ledger_account: str = Account.CASH
    version: int = 0
    applied: Decimal = Decimal(0)
    on_account: Decimal = Decimal(0)
    unapplied: Decimal = Decimal(0)
    unidentified: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    payer_name: str | None = None
    payer_account: str | None = None
    reference: str | None = None
    bank_reference: str | None = None
    purpose: str = ""
    order_id: str | None = None
    card_token: str | None = None
    card_last4: str | None = None
    remittance: tuple[dict[str, Any], ...] = ()

    @property
    def available(self) -> Decimal:
        """What may still be applied."""
        return self.on_account + self.unapplied + self.unidentified

    @property
    def status(self) -> ReceiptStatus:
        """What is to be done with it, or with what the bank left of it; money on account is not applied."""
        if self.returned == self.amount:
            return "returned"
        if self.unidentified:
            return "unidentified"
        if self.applied + self.refunded == self.amount - self.returned:
            return "applied" if self.applied else "refunded"
        return "partially_applied" if self.applied else "unapplied"

    def after(self, entry: Entry) -> "Receipt":
        """Return the receipt after an entry; raise `OnAccountSpentError` where it takes back what was spent since."""
        change = entry.cash_change(self.receipt_id)
        allocated = -change.total
        changed = replace(
            self,
            version=self.version + 1,
            on_account=self.on_account + change.on_account,
            unapplied=self.unapplied + change.unapplied,
            unidentified=self.unidentified + change.unidentified,
            applied=self.applied + (allocated if entry.kind in ("application", "reversal", "recovery") else 0),
            refunded=self.refunded + (allocated if entry.kind == "refund" else 0),
            returned=self.returned + (allocated if entry.kind == "return" else 0),
            postable_from=max(self.postable_from, entry.posting_date)
            if entry.kind in ("reversal", "identification") or change.total > 0 or change.on_account > 0
            else self.postable_from,
        )
        if changed.on_account < 0:
            raise OnAccountSpentError
        assert min(changed.unapplied, changed.unidentified) >= 0, "more was planned than there is"
        return changed

    @property
    def state(self) -> ReceiptState:
        """What the other services and integrators are told of it."""
        return ReceiptState(
            receipt_id=self.receipt_id,
            method=self.method,
            customer_id=self.customer_id,
            company_code=self.company_code,
            amount=self.amount,
            currency=self.currency,
            value_date=self.value_date,
            status=self.status,
            applied=self.applied,
            on_account=self.on_account,
            unapplied=self.unapplied,
            unidentified=self.unidentified,
            refunded=self.refunded,
            returned=self.returned,
            payer_name=self.payer_name,
            reference=self.reference,
        )

    def posting_of(self, entry: Entry) -> ReceiptPosting:
        """Return what events say of an entry."""
        change = entry.cash_change(self.receipt_id)
        return ReceiptPosting(
            posting_id=entry.entry_id,
            posting_date=entry.posting_date,
            on_account=change.on_account,
            unapplied=change.unapplied,
            unidentified=change.unidentified,
        )

    def received_event(self, entry: Entry) -> PaymentReceived:
        """Return what is told when money came in or its payer became known."""
        return PaymentReceived(version=self.version, receipt=self.state, posting=self.posting_of(entry))

    def applied_event(self, entry: Entry, allocations: list[Allocation]) -> PaymentApplied:
        """Return what is told when money was applied or put on account."""
        assert entry.application_id is not None
        return PaymentApplied(
            version=self.version,
            receipt=self.state,
            posting=self.posting_of(entry),
            application_id=entry.application_id,
            allocations=allocations,
        )

    def reversed_event(self, entry: Entry, allocations: list[Allocation]) -> PaymentReversed:
        """Return what is told when an application was reversed."""
        assert entry.application_id is not None
        return PaymentReversed(
            version=self.version,
            receipt=self.state,
            posting=self.posting_of(entry),
            application_id=entry.application_id,
            allocations=allocations,
        )

    def returned_event(self, entry: Entry, *, reason: str, allocations: list[Allocation]) -> PaymentReturned:
        """Return what is told when the bank took the money back."""
        return PaymentReturned(
            version=self.version,
            receipt=self.state,
            posting=self.posting_of(entry),
            reason=reason,
            allocations=allocations,
        )


def _cash_line(receipt: Receipt, account: Account, amount: Decimal) -> Line:
    return Line(
        account=account,
        amount=amount,
        kind="cash",
        customer_id=receipt.customer_id,
        receipt_id=receipt.receipt_id,
    )


def cash_lines(receipt: Receipt, *, unapplied: Decimal, on_account: Decimal) -> tuple[Line, ...]:
    """Return the lines that change a receipt's unapplied money and money on account by these signed amounts."""
    changes = ((Account.UNAPPLIED_CASH, unapplied), (Account.ON_ACCOUNT_CASH, on_account))
    return tuple(_cash_line(receipt, account, -change) for account, change in changes if change)


def _entry(receipt: Receipt, kind: Literal["receipt", "identification", "return"], on: date, *lines: Line) -> Entry:
    return Entry(
        kind=kind,
        posting_date=on,
        value_date=receipt.value_date,
        company_code=receipt.company_code,
        currency=receipt.currency,
        receipt_id=receipt.receipt_id,
        lines=lines,
    )


def receipt_entry(receipt: Receipt) -> Entry:
    """Return the entry that posts money coming in: unapplied where the customer is known, else unidentified.

    It is dated on the first day on which its money may be applied: the value date, or the first open day after it.
    """
    liability = Account.UNAPPLIED_CASH if receipt.customer_id else Account.UNIDENTIFIED_CASH
    bank = Line(account=receipt.ledger_account, amount=receipt.amount, kind="cash", receipt_id=receipt.receipt_id)
    return _entry(receipt, "receipt", receipt.postable_from, bank, _cash_line(receipt, liability, -receipt.amount))


def identification_entry(receipt: Receipt, on: date) -> Entry:
    """Return the entry that makes unidentified money that of `receipt.customer_id`, on a day on which it is there."""
    amount = receipt.unidentified
    return _entry(
        receipt,
        "identification",
        on,
        _cash_line(receipt, Account.UNIDENTIFIED_CASH, amount),
        _cash_line(receipt, Account.UNAPPLIED_CASH, -amount),
    )


def return_entry(receipt: Receipt, amount: Decimal, on: date) -> Entry:
    """Return the entry by which the bank takes money back that is neither applied nor on account, or not any more.

    What an application put on account is taken back with it: if it left from there, the application could never be reversed.
    """
    lines, left = [], amount
    for account, held in (
        (Account.UNIDENTIFIED_CASH, receipt.unidentified),
        (Account.UNAPPLIED_CASH, receipt.unapplied),
    ):
        taken = min(held, left)
        left -= taken
        if taken:
            lines.append(_cash_line(receipt, account, taken))
    assert not left, "what is returned was freed before"
    bank = Line(account=receipt.ledger_account, amount=-amount, kind="cash", receipt_id=receipt.receipt_id)
    return _entry(receipt, "return", on, *lines, bank)
