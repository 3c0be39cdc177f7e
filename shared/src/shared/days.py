"""Business days and the clock. No rule reads the clock by itself: it is given `as_of`, and only the edge asks a `Clock`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)
"""No business day lies outside; the database's calendar, and arithmetic on days, go a little further on both sides."""


class Clock(Protocol):
    """Tells the instant and the business day; passed in, so that a test can stop it."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def today(self) -> date:
        """Return the business day."""


class SystemClock:
    """The machine's clock in UTC."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the day in UTC."""
        return self.now().date()


@dataclass
class StoppedClock:
    """A clock that stands where it was set."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.at

    def today(self) -> date:
        """Return the day it was set to."""
        return self.at.date()


def _day_from_wire(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise PydanticCustomError("day_malformed", "Write the day as YYYY-MM-DD, such as 2026-03-31.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "day_does_not_exist", "{value} is not a day of the calendar; write YYYY-MM-DD.", {"value": value}
        ) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("day_out_of_range", f"Write a day from {FIRST_DAY} to {LAST_DAY}.", {"value": value})
    return day


Day = Annotated[date, BeforeValidator(_day_from_wire), Field(examples=["2026-03-31"], description="YYYY-MM-DD")]
"""A business day on the wire: `YYYY-MM-DD`, without time or zone."""


def days_late(due_on: date, as_of: date) -> int:
    """Return how many days `as_of` lies past `due_on`; zero on the due day itself and before."""
    return max(0, (as_of - due_on).days)
