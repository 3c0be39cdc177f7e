"""Holiday calendars by country."""

from datetime import date

import pytest

from shared.business_days import calendar_for, calendar_of
from shared.payment_terms import InvalidPaymentTermsError, PaymentTerms

CHRISTMAS = PaymentTerms.parse("net 24 modified next business day")


@pytest.mark.parametrize(
    ("country", "due"),
    [
        # 2026-12-25 is a Friday; the 26th is a holiday in Germany too; Saudi Arabia keeps Friday and Saturday free.
        ("DE", date(2026, 12, 28)),
        ("US", date(2026, 12, 28)),
        ("JP", date(2026, 12, 25)),
        ("SA", date(2026, 12, 27)),
    ],
)
def test_each_country_has_its_own_holidays_and_weekend(country: str, due: date) -> None:
    assert CHRISTMAS.due_date(date(2026, 12, 1), calendar_for(CHRISTMAS, country=country)) == due


def test_the_calendar_that_the_terms_name_counts_whatever_the_country() -> None:
    terms = PaymentTerms.parse("net 24 next business day in JP")

    assert terms.due_date(date(2026, 12, 1), calendar_for(terms, country="DE")) == date(2026, 12, 25)


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)

    bavaria, germany = calendar_of("DE-BY"), calendar_of("DE")
    assert bavaria is not None
    assert germany is not None
    assert (bavaria.is_business_day(epiphany), germany.is_business_day(epiphany)) == (False, True)


@pytest.mark.parametrize("code", ["XX", "DE-ZZ", "ZZ-1"])
def test_a_calendar_that_does_not_exist_is_refused(code: str) -> None:
    with pytest.raises(InvalidPaymentTermsError, match=f"no calendar {code}"):
        calendar_for(PaymentTerms.parse(f"net 30 next business day in {code}"), country=None)


@pytest.mark.parametrize("country", ["XX", None])
def test_without_a_known_country_the_weekend_alone_is_free(country: str | None) -> None:
    calendar = calendar_for(CHRISTMAS, country=country)

    assert [calendar.is_business_day(date(2026, 12, day)) for day in (25, 26, 27, 28)] == [True, False, False, True]
