from datetime import date
from decimal import Decimal

from credit_service.payment_behaviour.domain import CurrencyRecord, behaviour_of, days_in_window

ONE = {"EUR": Decimal(1)}


def record(currency: str = "EUR", **sums: object) -> CurrencyRecord:
    zero = Decimal(0)
    nothing = {
        "counted": 0,
        "late": 0,
        "recent_weight": zero,
        "recent_days": zero,
        "earlier_weight": zero,
        "earlier_days": zero,
        "purchases": zero,
        "high_credit": zero,
        "first_item_on": date(2025, 1, 1),
    }
    return CurrencyRecord(currency, **(nothing | sums))  # type: ignore[arg-type]


def test_days_late_are_weighed_by_amount_and_the_trend_is_recent_less_earlier() -> None:
    known = record(
        counted=4,
        late=1,
        recent_weight=Decimal(100),
        recent_days=Decimal(1000),
        earlier_weight=Decimal(300),
        earlier_days=Decimal(-600),
    )

    behaviour = behaviour_of([known], ONE, "EUR")

    assert behaviour.share_late == Decimal("0.2500")
    assert behaviour.weighted_days_late == Decimal("1.00")
    assert behaviour.trend_days_late == Decimal("12.00")


def test_without_items_nothing_is_said() -> None:
    behaviour = behaviour_of([record()], ONE, "EUR")

    assert (behaviour.share_late, behaviour.weighted_days_late, behaviour.trend_days_late) == (None, None, None)


def test_amounts_in_other_currencies_are_converted_and_without_a_rate_left_out_and_named() -> None:
    euros = record(counted=1, earlier_weight=Decimal(100), earlier_days=Decimal(0), purchases=Decimal(100))
    dollars = record(
        "USD", counted=1, late=1, earlier_weight=Decimal(200), earlier_days=Decimal(2000), purchases=Decimal(200)
    )
    yen = record("JPY", counted=2, late=2, earlier_weight=Decimal(9**9), purchases=Decimal(9**9))

    behaviour = behaviour_of([yen, dollars, euros], ONE | {"USD": Decimal("0.5")}, "EUR")

    assert behaviour.weighted_days_late == Decimal("5.00")
    assert behaviour.purchases == Decimal("200.00")
    assert (behaviour.counted_items, behaviour.late_items) == (4, 3)
    assert behaviour.unconverted == ("JPY",)


def test_sums_beyond_all_measure_are_still_weighed() -> None:
    huge = Decimal(10) ** 24
    behaviour = behaviour_of(
        [record(counted=1, recent_weight=huge, recent_days=huge * 90_000, purchases=huge)],
        {"EUR": Decimal(10**9)},
        "EUR",
    )

    assert behaviour.weighted_days_late == Decimal("90000.00")


def test_the_window_has_its_last_day_and_not_the_one_a_year_before() -> None:
    days = [date(2025, 3, 2), date(2025, 3, 3), date(2026, 3, 2), date(2026, 3, 3)]

    assert days_in_window(days, date(2026, 3, 2)) == 2
