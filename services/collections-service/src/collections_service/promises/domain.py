"""When a promise is kept, partly kept or broken, and by which money.

The one thing to know: a promise is judged anew from all payments whenever one of them changes, never by adding to the last
verdict. So a payment that comes twice, late or is taken back leaves no trace but its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from collections_service.receivables.domain import Payment
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.collections import PromiseStatus
from shared.money import Money

News = Literal["kept", "broken", "reopened"]


class PromiseNotFoundError(NotFoundError):
    """There is no such promise."""

    code = "promise_not_found"

    def __init__(self, promise_id: str) -> None:
        super().__init__(f"There is no promise {promise_id}: take an id from GET /v1/promises.")


class PromiseNotOpenError(ConflictError):
    """The promise is decided already."""

    code = "promise_not_open"

    def __init__(self, promise_id: str, status: str) -> None:
        super().__init__(f"Promise {promise_id} is {status}: only an open one can be withdrawn.")


class PromisedBeforeMadeError(InvalidError):
    """The promised day lies before the day on which the promise was made."""

    code = "promised_before_made"

    def __init__(self, promised_on: date, made_on: date) -> None:
        super().__init__(
            f"The promised day {promised_on} lies before {made_on}, when it was made: correct one of them.",
            field="promised_on",
        )


class ItemCurrencyError(InvalidError):
    """A promise names an item in another currency."""

    code = "item_in_another_currency"

    def __init__(self, item_id: str, currency: str, field: str) -> None:
        super().__init__(f"Item {item_id} is in {currency}: a promise has the currency of its items.", field=field)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised. Without `item_ids` any money of the customer in the currency keeps it."""

    promise_id: str
    made_on: date
    promised_on: date
    tolerance_days: int
    amount: Money
    item_ids: frozenset[str] = frozenset()

    @property
    def last_day(self) -> date:
        """The last day whose money still keeps it."""
        return self.promised_on + timedelta(days=self.tolerance_days)

    def takes(self, payment: Payment) -> bool:
        """Tell whether a payment counts: in time, and for its items or not allocated yet.

        Money on account keeps a promise (domain.md); so does money that waits to be applied, for that is our work, not the
        customer's.
        """
        in_time = self.made_on <= payment.value_date <= self.last_day
        named = not self.item_ids or payment.item_id is None or payment.item_id in self.item_ids
        return in_time and named and payment.amount.currency == self.amount.currency


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a promise stands."""

    status: PromiseStatus
    kept_amount: Money


@dataclass(frozen=True, slots=True)
class PromisesStanding:
    """What a customer's promises in one currency say as of a day."""

    open: Money
    """What is promised and has not come, of promises whose last day has not passed."""
    due_on: date | None
    """The earliest promised day that has come, of these."""
    broken: int
    """Promises of the last year whose last day has passed without all of the money."""


def judge(promise: Promise, payments: Iterable[Payment], as_of: date) -> Verdict:
    """Return how a promise stands at the start of `as_of`, given the payments that count for no other promise.

    It is kept as soon as the money is there, and decided otherwise only when its last day has passed: on that day itself
    the money may still come.
    """
    currency = promise.amount.currency
    received = Money.total((payment.amount for payment in payments if promise.takes(payment)), currency)
    if received >= promise.amount:
        return Verdict("kept", promise.amount)
    if as_of <= promise.last_day:
        return Verdict("open", received)
    return Verdict("partially_kept" if received else "broken", received)


def judge_together(promises: Sequence[tuple[Promise, date]], payments: Iterable[Payment]) -> dict[str, Verdict]:
    """Return the verdict on each promise of one customer in one currency, each as of its own day.

    No money keeps two promises: the one that falls due first takes first, and what another one names only at last.
    """
    left = list(payments)
    verdicts = {}
    for promise, as_of in sorted(promises, key=lambda pair: _turn(pair[0])):
        named_by_others = {
            item_id for other, _ in promises if other.promise_id != promise.promise_id for item_id in other.item_ids
        }
        shares, left = _take(promise, left, named_by_others)
        verdicts[promise.promise_id] = judge(promise, shares, as_of)
    return verdicts


def _turn(promise: Promise) -> tuple[date, date, str]:
    return promise.promised_on, promise.made_on, promise.promise_id


def _take(
    promise: Promise, payments: Sequence[Payment], named_by_others: set[str]
) -> tuple[list[Payment], list[Payment]]:
    """Divide the payments into what this promise takes, at most its amount, and what is left for others."""

    def preference(payment: Payment) -> tuple[int, date, str, str]:
        allocated = payment.item_id is not None
        contested = payment.item_id in named_by_others and payment.item_id not in promise.item_ids
        rank = 2 if contested else 0 if allocated else 1
        return rank, payment.value_date, payment.receipt_id, payment.item_id or ""

    wanted = promise.amount
    taken, left = [], []
    for payment in sorted(payments, key=preference):
        share = min(wanted, payment.amount) if promise.takes(payment) else Money.zero(payment.amount.currency)
        if share:
            wanted -= share
            taken.append(replace(payment, amount=share))
        if payment.amount != share:
            left.append(replace(payment, amount=payment.amount - share))
    return taken, left


def news(before: Verdict, after: Verdict) -> News | None:
    """Return what the world is told of a new verdict; None where the promise only waits on, with more or less of its money."""
    if before == after or (before.status, after.status) == ("open", "open"):
        return None
    if after.status == "kept":
        return "kept"
    return "reopened" if after.status == "open" else "broken"


def default_made_on(*, today: date, promised_on: date, issued_on: date | None) -> date:
    """Return when a promise was made that does not say so: today, or for one entered after its day, when it could first be.

    `issued_on` is the issue date of the newest item that it may be about.
    """
    if promised_on >= today:
        return today
    return issued_on if issued_on is not None and issued_on <= promised_on else promised_on
