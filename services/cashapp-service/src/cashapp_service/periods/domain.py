"""A posting period and the refusal to post into a closed one.

The one thing to know: a period is open until it, or a later one, is closed, so most have no row. It is a calendar month,
written `2026-10`.
"""

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from shared.days import FIRST_DAY, LAST_DAY
from shared.errors import ConflictError, InvalidError

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class MalformedPeriodError(InvalidError):
    """The text is no period."""

    code = "malformed_period"

    def __init__(self, written: str) -> None:
        super().__init__(
            f"{written!r} is no period: write year and month, such as 2026-10, from {FIRST_DAY:%Y-%m} to {LAST_DAY:%Y-%m}.",
            field="period",
        )


class PeriodClosedError(ConflictError):
    """A posting is dated in a period that takes none any more."""

    code = "period_closed"

    def __init__(self, company_code: str, posting_date: date, first_open_on: date) -> None:
        super().__init__(
            f"The period {Period.of(posting_date)} of company {company_code} is closed: post on {first_open_on},"
            " the first open day, or later.",
            field="posting_date",
        )
        self.members = {"company_code": company_code, "first_open_on": first_open_on.isoformat()}


class PeriodAlreadyError(ConflictError):
    """The period is open, or closed, already."""

    code = "period_unchanged"

    def __init__(self, company_code: str, period: "Period", status: str) -> None:
        super().__init__(f"The period {period} of company {company_code} is {status} already.")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month. Its text is that of the wire and of the database, `2026-10`, and sorts as the months do."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Period":
        """Return the period in which a day lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, written: str) -> "Period":
        """Return the period that is written as `2026-10`; raise `MalformedPeriodError`."""
        found = _WRITTEN.fullmatch(written)
        if found is None or not FIRST_DAY.year <= int(found[1]) <= LAST_DAY.year:
            raise MalformedPeriodError(written)
        return cls(int(found[1]), int(found[2]))

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def before(self) -> "Period":
        """The month before it."""
        return Period.of(self.first_day - timedelta(days=1))

    @property
    def next(self) -> "Period":
        """The month after it."""
        return Period.of(self.last_day + timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


def first_open_day(on_or_after: date, closed: Collection[Period]) -> date:
    """Return the first day on or after `on_or_after` that lies behind all `closed` periods: each freezes those before it."""
    latest = max(closed, default=None)
    return on_or_after if latest is None else max(on_or_after, latest.next.first_day)
