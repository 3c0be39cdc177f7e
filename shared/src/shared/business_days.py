"""Holiday calendars by country, for due dates that move.

The one thing to know: the holidays and weekends are those of the `holidays` package, by ISO 3166 codes: "DE", or "US-CA" for
a part of a country. A due date is reckoned once, when its document is posted; a later edition of the calendar moves none.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

from shared.payment_terms import Calendar, InvalidPaymentTermsError, PaymentTerms, Weekdays


@dataclass(frozen=True, slots=True)
class CountryCalendar:
    """The business days of a country or of a part of it."""

    days: holidays.HolidayBase

    def is_business_day(self, day: date) -> bool:
        """Tell whether `day` is neither a holiday nor on the country's weekend."""
        return self.days.is_working_day(day)


@lru_cache(maxsize=600)
def calendar_of(code: str) -> Calendar | None:
    """Return the calendar of "DE" or "US-CA", None where none is known."""
    country, _, part = code.partition("-")
    try:
        return CountryCalendar(holidays.country_holidays(country, subdiv=part or None))
    except NotImplementedError:
        return None


def calendar_for(terms: PaymentTerms, *, country: str | None) -> Calendar:
    """Return the calendar by which due dates move: the one that the terms name, else that of the customer's country.

    Where that country has none, Saturday and Sunday are the holidays. Raises `InvalidPaymentTermsError` for a calendar in
    the terms that does not exist.
    """
    named = terms.holidays.calendar if terms.holidays else None
    if named is None:
        return (calendar_of(country) if country else None) or Weekdays()
    calendar = calendar_of(named)
    if calendar is None:
        raise InvalidPaymentTermsError(str(terms), f"there is no calendar {named}")
    return calendar
