from decimal import Decimal

import pytest

from credit_service.authorities.domain import Authority, Grant
from credit_service.exchange_rates.domain import Rates

RATES = Rates({"EUR": {"JPY": Decimal(160), "USD": Decimal("1.25")}})


def analyst(**more: bool) -> Authority:
    return Authority("EUR", (Grant(Decimal(50_000)),), **more)


@pytest.mark.parametrize(
    ("amount", "currency", "covered"),
    [
        ("50000.00", "EUR", True),
        ("50000.01", "EUR", False),
        ("50001", "JPY", True),
        ("8000000", "JPY", True),
        ("8000001", "JPY", False),
        ("62500.00", "USD", True),
        ("62500.01", "USD", False),
        ("0", "JPY", True),
    ],
)
def test_an_amount_is_compared_in_the_authoritys_currency(amount: str, currency: str, covered: bool) -> None:
    assert analyst().covers(Decimal(amount), currency, RATES) is covered


@pytest.mark.parametrize(("amount", "covered"), [("1000000", True), ("1000001", False)])
def test_an_amount_stated_for_a_currency_counts_before_the_rate(amount: str, covered: bool) -> None:
    authority = Authority("EUR", (Grant(Decimal(50_000), {"JPY": Decimal(1_000_000)}),))

    assert authority.covers(Decimal(amount), "JPY", RATES) is covered


def test_of_several_roles_the_one_that_may_most_counts() -> None:
    authority = Authority("EUR", (Grant(Decimal(0)), Grant(Decimal(100)), Grant(Decimal(10), {"JPY": Decimal(1)})))

    assert authority.covers(Decimal(100), "EUR", RATES)
    assert authority.covers(Decimal(16_000), "JPY", RATES)


@pytest.mark.parametrize(("as_stated", "covered"), [(True, True), (False, False)])
def test_without_a_rate_an_amount_counts_as_stated_or_is_not_covered(as_stated: bool, covered: bool) -> None:
    assert analyst(as_stated_without_rate=as_stated).covers(Decimal(50_000), "GBP", RATES) is covered
    assert not analyst(as_stated_without_rate=as_stated).covers(Decimal(50_001), "GBP", RATES)


def test_only_an_unlimited_authority_leaves_a_limit_unmanaged() -> None:
    assert not analyst().covers(None, "EUR", RATES)
    assert analyst(unlimited=True).covers(None, "EUR", RATES)


def test_who_has_no_authority_may_still_decide_that_there_is_no_credit() -> None:
    assert Authority("EUR").covers(Decimal(0), "EUR", RATES)
    assert not Authority("EUR").covers(Decimal("0.01"), "EUR", RATES)
