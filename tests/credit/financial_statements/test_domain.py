from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.financial_statements.domain.figures import Figures, NoFiguresError, PartAboveWholeError
from credit_service.financial_statements.domain.ratios import RATIOS, ratios_of, z2_of, zone_of

SOUND = Figures(
    total_assets=Decimal(1000),
    current_assets=Decimal(600),
    current_liabilities=Decimal(300),
    inventories=Decimal(150),
    retained_earnings=Decimal(200),
    ebit=Decimal(120),
    equity=Decimal(450),
    total_liabilities=Decimal(550),
    revenue=Decimal(1500),
)


def test_a_ratio_is_computed_from_the_figures_given() -> None:
    ratios = ratios_of(SOUND)

    assert ratios["quick_ratio"].value == Decimal("1.500000")
    assert ratios["inventory_days"].value == Decimal("36.500000")
    assert RATIOS["quick_ratio"].formula == "(current_assets − inventories) / current_liabilities"


def test_altmans_z2_is_the_weighted_sum_of_its_four_ratios() -> None:
    z2 = z2_of(ratios_of(SOUND))

    # 6.56 × 0.3 + 3.26 × 0.2 + 6.72 × 0.12 + 1.05 × 0.818182
    assert (z2.value, z2.zone) == (Decimal("4.285491"), "safe")
    assert z2.emerging_markets == Decimal("7.535491")


@pytest.mark.parametrize(
    ("z2", "zone"),
    [("1.099999", "distress"), ("1.10", "grey"), ("2.60", "grey"), ("2.600001", "safe"), ("-40", "distress")],
)
def test_the_edges_of_the_zones_are_grey(z2: str, zone: str) -> None:
    assert zone_of(Decimal(z2)) == zone


def test_a_figure_that_is_not_given_is_not_replaced() -> None:
    ratios = ratios_of(SOUND.model_copy(update={"ebit": None}))

    assert ratios["ebit_to_assets"].value is None
    assert ratios["ebit_to_assets"].why_missing == "ebit not given"
    assert (z2_of(ratios).value, z2_of(ratios).why_missing) == (None, "ebit not given")


def test_nothing_is_divided_by_zero() -> None:
    ratios = ratios_of(SOUND.model_copy(update={"revenue": Decimal(0)}))

    assert (ratios["inventory_days"].value, ratios["inventory_days"].why_missing) == (None, "revenue is zero")


def test_negative_equity_is_a_value_as_any_other() -> None:
    ratios = ratios_of(SOUND.model_copy(update={"equity": Decimal(-110)}))

    assert ratios["equity_to_liabilities"].value == Decimal("-0.200000")


_money = st.none() | st.decimals("0", "999999999999999.9999", places=4)


@given(st.fixed_dictionaries(dict.fromkeys(Figures.model_fields, _money)))
def test_no_figures_however_absurd_break_a_ratio(figures: dict[str, Decimal | None]) -> None:
    ratios = ratios_of(Figures(**figures))
    z2 = z2_of(ratios)

    for one in ratios.values():
        assert (one.value is None) == (one.why_missing is not None)
    assert (z2.value is None) == (z2.why_missing is not None)


def test_a_part_cannot_be_above_its_whole() -> None:
    with pytest.raises(PartAboveWholeError) as refused:
        SOUND.model_copy(update={"inventories": Decimal("602.01")}).ensure_consistent()

    assert [error.field for error in refused.value.errors] == ["figures.inventories"]


def test_rounding_in_thousands_is_no_contradiction() -> None:
    SOUND.model_copy(update={"inventories": Decimal(602)}).ensure_consistent()


def test_a_statement_has_figures() -> None:
    with pytest.raises(NoFiguresError):
        Figures().ensure_consistent()
