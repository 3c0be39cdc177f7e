"""Buckets: where a day late belongs, and which are refused."""

from decimal import Decimal

import pytest

from collections_service.aging.domain import Aged, Buckets, InvalidBucketsError, sum_up
from shared.money import Money


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_not_due_is_a_column_of_its_own() -> None:
    assert Buckets.parse("30,60,90").names == ("not_due", "1-30", "31-60", "61-90", "91+")
    assert Buckets.parse("7").names == ("not_due", "1-7", "8+")


@pytest.mark.parametrize(
    "text", ["", "0", "30,30", "60,30", "30,", "a", "-5", "30;60", "3651", "1" * 9, "٣٠", "1,2," * 9]
)
def test_buckets_that_are_no_ascending_days_are_refused(text: str) -> None:
    with pytest.raises(InvalidBucketsError):
        Buckets.parse(text)


def test_the_total_is_the_buckets_less_unapplied_cash() -> None:
    line = Aged.empty("EUR", 2)
    for bucket, amount in ((0, "100.00"), (1, "50.00"), (1, "-20.00"), (None, "30.00")):
        line.add(bucket, eur(amount))

    assert (line.amounts, line.unapplied, line.total) == ([eur("100.00"), eur("30.00")], eur("30.00"), eur("100.00"))


def test_a_line_that_nets_to_zero_over_two_buckets_is_not_left_out() -> None:
    line = Aged.empty("EUR", 2)
    line.add(0, eur("-10.00"))
    line.add(1, eur("10.00"))

    assert line.says_something
    assert not Aged.empty("EUR", 2).says_something


def test_each_currency_totals_alone() -> None:
    euros, dollars = Aged.empty("EUR", 1), Aged.empty("USD", 1)
    euros.add(0, eur("1.00"))
    dollars.add(0, Money(Decimal("2.00"), "USD"))

    totals = sum_up([dollars, euros, euros], 1)

    assert [(line.currency, str(line.total)) for line in totals] == [("EUR", "2.00 EUR"), ("USD", "2.00 USD")]
