"""What a period is, and where the next open one begins."""

from datetime import date

import pytest

from cashapp_service.periods.domain import MalformedPeriodError, Period, first_open_day


def test_a_period_is_a_calendar_month() -> None:
    period = Period.of(date(2028, 2, 11))

    assert str(period) == "2028-02"
    assert (period.first_day, period.last_day) == (date(2028, 2, 1), date(2028, 2, 29))
    assert Period.parse("2026-12").next == Period.parse("2027-01")


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-00", "2026-1", "202610", "1899-12", "3000-01", "٢٠٢٦-10", "2026-10\n"]
)
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(MalformedPeriodError):
        Period.parse(written)


@pytest.mark.parametrize(
    ("closed", "first_open"),
    [
        ([], date(2026, 11, 17)),
        (["2026-10"], date(2026, 11, 17)),
        (["2026-11"], date(2026, 12, 1)),
        (["2026-11", "2026-12", "2027-02"], date(2027, 3, 1)),
        (["2026-12"], date(2027, 1, 1)),
    ],
)
def test_the_first_open_day_is_the_day_itself_or_lies_behind_the_last_closed_month(
    closed: list[str], first_open: date
) -> None:
    assert first_open_day(date(2026, 11, 17), {Period.parse(one) for one in closed}) == first_open
