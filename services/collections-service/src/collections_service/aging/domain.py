"""Buckets of days late, and the sums in them.

Not due is a column of its own: an item that is due on the day itself is not late (domain.md, Aging).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.errors import InvalidError
from shared.money import Money

DAYS_MAX = 3650
BUCKETS_MAX = 12
NOT_DUE = "not_due"


class InvalidBucketsError(InvalidError):
    """The buckets are not ascending numbers of days."""

    code = "invalid_buckets"

    def __init__(self) -> None:
        super().__init__(
            f"Give the last day of each bucket in ascending order, such as 30,60,90: at most {BUCKETS_MAX} numbers "
            f"from 1 to {DAYS_MAX}.",
            field="buckets",
        )


def _days_before(day: date, days: int) -> date:
    """Return the day so many days before, or the first of the calendar."""
    return day - timedelta(days=min(days, (day - date.min).days))


@dataclass(frozen=True, slots=True)
class Buckets:
    """Columns of an aging: not due, one up to each of `last_days`, and one for what is later than all."""

    last_days: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> "Buckets":
        """Read `30,60,90`; raise `InvalidBucketsError`."""
        parts = text.split(",")
        if len(parts) > BUCKETS_MAX or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
            raise InvalidBucketsError
        days = tuple(int(part) for part in parts)
        if list(days) != sorted(set(days)) or days[0] < 1 or days[-1] > DAYS_MAX:
            raise InvalidBucketsError
        return cls(days)

    def starts(self, as_of: date) -> tuple[date, ...]:
        """The earliest due date of each bucket but the last as of a day, the youngest first."""
        return tuple(_days_before(as_of, days) for days in (0, *self.last_days))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns in order, such as `not_due, 1-30, 31-60, 61-90, 91+`."""
        first_days = [day + 1 for day in (0, *self.last_days)]
        ranges = [f"{first}-{last}" for first, last in zip(first_days, self.last_days, strict=False)]
        return NOT_DUE, *ranges, f"{first_days[-1]}+"


@dataclass(slots=True)
class Aged:
    """One line of an aging in one currency, while it is summed up."""

    currency: str
    amounts: list[Money]
    unapplied: Money = field(init=False)

    def __post_init__(self) -> None:
        self.unapplied = Money.zero(self.currency)

    @classmethod
    def empty(cls, currency: str, columns: int) -> "Aged":
        """Return a line of zeros."""
        return cls(currency, [Money.zero(currency)] * columns)

    def add(self, bucket: int | None, amount: Money) -> None:
        """Add to a column, or to unapplied cash where `bucket` is None."""
        if bucket is None:
            self.unapplied += amount
        else:
            self.amounts[bucket] += amount

    @property
    def total(self) -> Money:
        """The columns less unapplied cash, which is shown positive."""
        return Money.total(self.amounts, self.currency) - self.unapplied

    @property
    def says_something(self) -> bool:
        """Whether any column is not zero."""
        return bool(self.unapplied) or any(self.amounts)


def sum_up(lines: Sequence[Aged], columns: int) -> list[Aged]:
    """Return the totals of `lines`, one for each currency."""
    totals: dict[str, Aged] = {}
    for line in lines:
        total = totals.setdefault(line.currency, Aged.empty(line.currency, columns))
        for bucket, amount in enumerate(line.amounts):
            total.add(bucket, amount)
        total.add(None, line.unapplied)
    return [totals[currency] for currency in sorted(totals)]
