"""How a final invoice settles down-payment requests: what was paid of them is deducted from it.

The one thing to know: a request is owed against `down_payments` (and `tax`), not against revenue. Its settlement takes what was
paid back from there and credits it to the invoice. What is still open of a request is withdrawn with it, since the invoice now
asks for it; where the invoice names an amount it is one of several, and the request stays open. Paid is what is not open any
more, by whatever cleared it: also what credit memos paid, a discount, and a rest that the customer owes as an item of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.documents.domain.document import Deduction, Document
from cashapp_service.items.domain.item import DocumentKey, Item
from cashapp_service.ledger.domain import Account, Entry, Line
from shared.errors import ConflictError, InvalidError
from shared.money import rounded

ZERO = Decimal(0)


class NoSuchDownPaymentError(InvalidError):
    """The invoice settles a down-payment request that is not there, or not this customer's."""

    code = "no_such_down_payment"

    def __init__(self, number: str, document: Document, *, field: str) -> None:
        super().__init__(
            f"Customer {document.customer_id} has no down-payment request {number} in {document.amount.currency} and company"
            f" {document.company_code}: find them with GET /v1/items?kind=down_payment_request.",
            field=field,
        )


class SettledTwiceError(InvalidError):
    """An invoice names one down-payment request twice."""

    code = "settled_twice"

    def __init__(self, number: str, *, field: str) -> None:
        super().__init__(f"{number} stands twice among down_payments: send it once.", field=field)


class DownPaymentExceededError(ConflictError):
    """More is deducted than was paid of the request, or than the invoice asks for."""

    code = "down_payment_exceeded"

    def __init__(self, number: str, wanted: Decimal, most: Decimal, currency: str, *, field: str) -> None:
        super().__init__(
            f"Of {number} {most} {currency} can be deducted, less than the {wanted} asked for: deduct at most that.",
            field=field,
        )


@dataclass(frozen=True, slots=True)
class Request:
    """A down-payment request: its item, and what invoices took of it before, deducted or withdrawn."""

    item: Item
    taken: Decimal

    def is_for(self, document: Document) -> bool:
        """Whether it asks the customer of a document for money in the document's currency."""
        return (self.item.customer_id, self.item.currency) == (document.customer_id, document.amount.currency)

    @property
    def deductible(self) -> Decimal:
        """What was paid and not deducted; nothing where a payment came back after it was deducted."""
        return max(self.item.amount - self.item.balance - self.taken, ZERO)

    def withdrawable(self, deducted: Decimal) -> Decimal:
        """Return what of the open part no invoice asks for: what was deducted and came back stays owed by the request."""
        return min(self.item.balance, self.item.amount - self.taken - deducted)

    def tax_between(self, before: Decimal, after: Decimal) -> Decimal:
        """Return the tax in what is taken of the request from `before` to `after`; all of it is taken with the last unit."""

        def tax(taken: Decimal) -> Decimal:
            return rounded(self.item.tax_amount * taken / self.item.amount, self.item.currency)

        return tax(after) - tax(before)


@dataclass(frozen=True, slots=True)
class SettledRequest:
    """What one invoice took of one request; `item_id` is the invoice's first item."""

    request_item_id: str
    item_id: str
    deducted: Decimal
    withdrawn: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an invoice does to the requests that it names; no entry where nothing was paid or open of them."""

    requests: tuple[SettledRequest, ...]
    entry: Entry | None


def named_requests(document: Document, requests: Mapping[DocumentKey, Request]) -> list[Request]:
    """Return the requests that an invoice names, in its order, out of `requests` by company code and number.

    Raises `NoSuchDownPaymentError`, `SettledTwiceError`.
    """
    chosen: list[Request] = []
    for position, one in enumerate(document.down_payments):
        field = f"down_payments.{position}.number"
        request = requests.get((document.company_code, one.number))
        if request is None or not request.is_for(document):
            raise NoSuchDownPaymentError(one.number, document, field=field)
        if request in chosen:
            raise SettledTwiceError(one.number, field=field)
        chosen.append(request)
    return chosen


def settle(invoice: Sequence[Item], asked: Sequence[tuple[Deduction, Request]]) -> Settlement:
    """Return what settling requests by an invoice (its items as issued) does; raise `DownPaymentExceededError`."""
    left = {one.item_id: one.balance for one in invoice}
    lines: list[Line] = []
    settled = []
    days = [one.postable_from for one in invoice]
    for position, (deduction, request) in enumerate(asked):
        most = min(request.deductible, sum(left.values(), ZERO))
        deducted = most if deduction.amount is None else deduction.amount
        if deducted > most:
            field = f"down_payments.{position}.amount"
            raise DownPaymentExceededError(request.item.number, deducted, most, request.item.currency, field=field)
        withdrawn = request.withdrawable(deducted) if deduction.amount is None else ZERO
        lines += _taken(request, deducted, withdrawn)
        lines += _credited(invoice, left, deducted)
        if withdrawn:
            lines.append(_receivable(request.item, withdrawn))
        days += [request.item.postable_from, request.item.last_posting_date]
        settled.append(SettledRequest(request.item.item_id, invoice[0].item_id, deducted, withdrawn))
    return Settlement(tuple(settled), _entry(invoice[0], max(days), lines) if lines else None)


def _entry(first: Item, day: date, lines: Sequence[Line]) -> Entry:
    return Entry(
        kind="credit", posting_date=day, company_code=first.company_code, currency=first.currency, lines=tuple(lines)
    )


def _taken(request: Request, deducted: Decimal, withdrawn: Decimal) -> list[Line]:
    """Return the debits that take a part of a request back from where its issue had put it."""
    total = deducted + withdrawn
    tax = request.tax_between(request.taken, request.taken + total)
    return [
        Line(account=account, amount=amount, kind="credit", customer_id=request.item.customer_id)
        for account, amount in ((Account.DOWN_PAYMENTS, total - tax), (Account.TAX, tax))
        if amount
    ]


def _credited(invoice: Sequence[Item], left: dict[str, Decimal], deducted: Decimal) -> list[Line]:
    """Return the credits to the invoice's items, the first one first; `left` is what is open of them."""
    lines = []
    for one in invoice:
        part = min(deducted, left[one.item_id])
        if part:
            lines.append(_receivable(one, part))
            left[one.item_id] -= part
            deducted -= part
    return lines


def _receivable(item: Item, amount: Decimal) -> Line:
    return Line(
        account=Account.RECEIVABLES, amount=-amount, kind="credit", customer_id=item.customer_id, item_id=item.item_id
    )
