from datetime import date, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.days import Day, days_late


class Due(BaseModel):
    on: Day


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
        "2026-2-3",
        "20260203",
        "2026-02-03T00:00:00",
        "02/03/2026",
        20260203,
        0,
        None,
    ],
)
def test_only_a_day_of_the_calendar_in_iso_form_is_a_day(value: Any) -> None:
    with pytest.raises(ValidationError):
        Due.model_validate({"on": value})


def test_an_instant_is_not_a_day() -> None:
    with pytest.raises(ValidationError):
        Due.model_validate({"on": datetime(2026, 2, 3)})  # noqa: DTZ001 - the point of the test


def test_a_day_survives_the_wire() -> None:
    assert Due.model_validate({"on": "2026-02-28"}).on == date(2026, 2, 28)


@pytest.mark.parametrize(("as_of", "late"), [(date(2026, 1, 31), 0), (date(2026, 2, 1), 0), (date(2026, 2, 2), 1)])
def test_nothing_is_late_on_its_due_day(as_of: date, late: int) -> None:
    assert days_late(date(2026, 2, 1), as_of) == late
