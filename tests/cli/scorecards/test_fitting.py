import random
from decimal import Decimal

import pytest

from credit_service.scorecards.domain.scorecard import GivePoints
from openitem.scorecards.companies import COLUMNS, Company
from openitem.scorecards.fitting import RATIOS_IN, fit
from openitem.scorecards.measures import auc
from openitem.scorecards.regression import correlation, logistic, standardised
from openitem.scorecards.trial import outcomes


def companies(count: int = 1500, seed: int = 1) -> list[Company]:
    """Return companies whose interest cover tells who fails, whose other ratios are noise, and some have none."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        cover = dice.gauss(2, 3)
        ratios: dict[str, Decimal | None] = {
            name: Decimal(str(round(dice.gauss(0, 1), 4))) for name in COLUMNS.values()
        }
        ratios["interest_cover"] = None if number % 9 == 0 else Decimal(str(round(cover, 4)))
        made.append(Company(ratios, dice.random() < (0.5 if cover < -1 else 0.03), dice.random()))
    return made


def test_the_ratio_that_tells_who_fails_weighs_most_and_its_worst_bin_gets_nothing() -> None:
    first, *_ = fit(companies())

    assert first.factor == "interest_cover"
    assert (min(one.points for one in first.bins), max(one.points for one in first.bins)) == (0, 100)
    assert first.bins[0].points == 0


def test_a_table_has_ten_ratios_each_with_points_for_a_missing_one() -> None:
    table = fit(companies())

    assert len({one.factor for one in table}) == RATIOS_IN
    assert all(isinstance(one.missing, GivePoints) for one in table)


def test_the_points_tell_of_companies_that_did_not_set_them() -> None:
    assert auc(outcomes(companies(seed=2), fit(companies(seed=1)))) > 0.75


def test_the_same_companies_in_another_order_give_the_same_table() -> None:
    made = companies(600)

    assert fit(made) == fit(made[::-1])


def test_a_regression_finds_the_odds_of_two_groups() -> None:
    column = [0.0] * 400 + [1.0] * 400
    survived = [place % 2 == 0 for place in range(400)] + [place % 4 != 0 for place in range(400)]

    constant, slope = logistic([column], survived)

    assert constant == pytest.approx(0.0, abs=0.02)
    assert slope == pytest.approx(1.0986, abs=0.05)


def test_a_column_that_does_not_vary_correlates_with_nothing() -> None:
    flat, rising = standardised([3.0] * 5), standardised([1.0, 2.0, 3.0, 4.0, 5.0])

    assert correlation(flat, rising) == 0.0
    assert correlation(rising, rising) == pytest.approx(1.0)
