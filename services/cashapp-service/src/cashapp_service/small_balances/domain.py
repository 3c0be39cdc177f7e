"""Which balances are small, and the entries that clear them.

The one thing to know: debit and credit balances both count with their amounts when the run's sum is compared with an
authority, so that they never hide each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.money import Money

RunStatus = Literal["pending", "posted", "rejected", "reversed"]
Outcome = Literal["waiting", "posted", "skipped"]
ITEMS_MAX = 10_000
ZERO = Decimal(0)


class SmallBalanceRunNotFoundError(NotFoundError):
    """No run has this id."""

    code = "small_balance_run_not_found"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"There is no run over small balances {run_id}: see GET /v1/write-offs/small-balances.")


class NotSmallError(InvalidError):
    """The largest balance asked for is above what counts as small."""

    code = "not_a_small_balance"

    def __init__(self, currency: str, most: Decimal | None) -> None:
        limit = f"at most {most} {currency} is" if most is not None else f"nothing in {currency} is"
        super().__init__(f"Here {limit} a small balance: ask for a write-off of larger ones.", field="max_amount")


class FutureRunError(InvalidError):
    """The run is dated in the future."""

    code = "run_in_the_future"

    def __init__(self, today: date) -> None:
        super().__init__(f"Today is {today}: a run over small balances is not dated later.", field="as_of")


class SmallBalanceStateError(ConflictError):
    """The run is not in a state that allows it."""

    code = "small_balance_run_state"

    def __init__(self, run_id: str, status: str, needed: RunStatus) -> None:
        super().__init__(f"Run {run_id} is {status}; this needs one that is {needed}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRun:
    """A run as it is asked for: items due `older_than_days` before `as_of` or earlier, in one company code or in all."""

    as_of: date
    currency: str
    max_amount: Decimal
    older_than_days: int
    company_code: str | None = None

    @property
    def due_until(self) -> date:
        """The latest due date that counts."""
        return self.as_of - timedelta(days=self.older_than_days)

    def ensure_allowed(self, most_by_currency: Mapping[str, Decimal], *, today: date) -> None:
        """Raise `NotSmallError` and `FutureRunError`."""
        most = most_by_currency.get(self.currency)
        if most is None or self.max_amount > most:
            raise NotSmallError(self.currency, most)
        if self.as_of > today:
            raise FutureRunError(today)


@dataclass(frozen=True, slots=True)
class SmallBalance:
    """An item with the balance that the run found; signed."""

    item_id: str
    number: str
    customer_id: str
    company_code: str
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What a run is about, each side by itself."""

    items: int
    debits: Decimal
    credits: Decimal

    @classmethod
    def of(cls, balances: Iterable[Decimal]) -> "Sums":
        """Return the sums of signed balances."""
        found = list(balances)
        debits = sum((one for one in found if one > 0), ZERO)
        return cls(len(found), debits, debits - sum(found, ZERO))

    def gross(self, currency: str) -> Money:
        """Return what an authority has to cover: both sides with their amounts."""
        return Money(self.debits + self.credits, currency)


def small_balance(item: Item) -> SmallBalance:
    """Return what a run notes of an item."""
    return SmallBalance(item.item_id, item.number, item.customer_id, item.company_code, item.balance)


def why_skipped(found: SmallBalance, item: Item, *, on: date, disputed: Collection[str]) -> str | None:
    """Return why an item that a run found is not cleared any more, None where it is."""
    if item.balance != found.balance:
        return f"Its balance is {item.balance} {item.currency} now."
    if item.item_id in disputed:
        return "It is disputed now."
    if item.postable_from > on:
        return f"It was reopened on {item.postable_from}."
    return None


def clearing_entries(
    run_id: str, balances: Sequence[SmallBalance], currency: str, *, on: date, back: bool = False
) -> list[Entry]:
    """Return the entries that clear balances against `tolerance`, one per company code and customer, or that reopen them."""
    groups: dict[tuple[str, str], list[SmallBalance]] = defaultdict(list)
    for one in balances:
        groups[one.company_code, one.customer_id].append(one)
    return [_entry(run_id, found, key, currency, on, -1 if back else 1) for key, found in sorted(groups.items())]


def _entry(
    run_id: str, balances: Sequence[SmallBalance], key: tuple[str, str], currency: str, on: date, sign: int
) -> Entry:
    company_code, customer_id = key
    lines = [
        Line(
            account=Account.RECEIVABLES,
            amount=-sign * one.balance,
            kind="tolerance",
            customer_id=customer_id,
            item_id=one.item_id,
        )
        for one in balances
    ]
    rest = sign * sum((one.balance for one in balances), ZERO)
    if rest:
        lines.append(Line(account=Account.TOLERANCE, amount=rest, kind="tolerance", customer_id=customer_id))
    return Entry(
        kind="write_off",
        posting_date=on,
        company_code=company_code,
        currency=currency,
        document_id=run_id,
        lines=tuple(lines),
    )
