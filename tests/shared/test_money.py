from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator

from shared.money import (
    Amount,
    CurrencyCode,
    CurrencyMismatchError,
    Money,
    NonNegativeAmount,
    PositiveAmount,
    TooManyDecimalsError,
    UnknownCurrencyError,
    decimals_of,
    fits_currency,
    rounded,
)

cents = st.integers(-(10**15), 10**15).map(lambda n: Decimal(n) / 100)


class Priced(BaseModel):
    currency: CurrencyCode
    amount: PositiveAmount

    _fits = field_validator("amount")(fits_currency)


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "ZZZ"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        decimals_of(currency)


def test_an_amount_finer_than_its_currency_is_refused_not_rounded() -> None:
    with pytest.raises(TooManyDecimalsError):
        Money(Decimal("0.5"), "JPY")
    with pytest.raises(TooManyDecimalsError):
        Money(Decimal("1.001"), "EUR")


def test_two_currencies_are_never_added_or_compared() -> None:
    euro, yen = Money(Decimal(1), "EUR"), Money(Decimal(1), "JPY")

    with pytest.raises(CurrencyMismatchError):
        euro + yen
    with pytest.raises(CurrencyMismatchError):
        assert euro < yen


@given(st.lists(cents))
def test_a_sum_is_exact_in_any_order(amounts: list[Decimal]) -> None:
    money = [Money(amount, "EUR") for amount in amounts]

    assert Money.total(money, "EUR") == Money.total(reversed(money), "EUR") == Money(sum(amounts, Decimal(0)), "EUR")


@given(cents)
def test_an_amount_survives_the_wire(amount: Decimal) -> None:
    class Balance(BaseModel):
        amount: Amount

    sent = Balance(amount=Money(amount, "EUR").amount).model_dump_json()

    assert Balance.model_validate_json(sent).amount == amount
    assert f'"{amount:.2f}"' in sent


@pytest.mark.parametrize(
    "amount",
    [1.5, 1, True, None, "", " 1", "1.", ".5", "+1", "1e3", "1,50", "NaN", "Infinity", "١", "1" * 16, "0.00001"],
)
def test_only_a_plain_decimal_string_is_an_amount(amount: object) -> None:
    with pytest.raises(ValidationError):
        Priced.model_validate({"currency": "EUR", "amount": amount})


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_positive_amount_is_above_zero(amount: str) -> None:
    with pytest.raises(ValidationError):
        Priced.model_validate({"currency": "EUR", "amount": amount})


def test_too_many_decimals_are_reported_on_the_amount() -> None:
    with pytest.raises(ValidationError) as refused:
        Priced.model_validate({"currency": "JPY", "amount": "10.5"})

    assert [error["loc"] for error in refused.value.errors()] == [("amount",)]


def test_zero_is_a_non_negative_amount() -> None:
    class Share(BaseModel):
        amount: NonNegativeAmount

    assert Share.model_validate({"amount": "0.00"}).amount == 0


def test_a_share_is_rounded_half_up() -> None:
    assert rounded(Decimal("0.125"), "EUR") == Decimal("0.13")
    assert rounded(Decimal("-0.125"), "EUR") == Decimal("-0.13")
