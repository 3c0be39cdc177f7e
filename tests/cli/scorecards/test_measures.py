import pytest

from openitem.scorecards.measures import auc, auc_error


@pytest.mark.parametrize(
    ("outcomes", "area"),
    [
        ([(1.0, True), (2.0, False)], 1.0),
        ([(2.0, True), (1.0, False)], 0.0),
        ([(1.0, True), (1.0, False)], 0.5),
        ([(1.0, True), (2.0, False), (2.0, True), (3.0, False)], 0.875),
    ],
)
def test_the_area_is_the_chance_that_a_survivor_scores_above_one_that_failed(
    outcomes: list[tuple[float, bool]], area: float
) -> None:
    assert auc(outcomes) == area


def test_there_is_no_area_without_both_outcomes() -> None:
    with pytest.raises(ValueError, match="failed and companies that survived"):
        auc([(1.0, False)])


def test_the_standard_error_is_that_of_hanley_and_mcneil() -> None:
    assert auc_error(0.9, failed=50, survived=50) == pytest.approx(0.03212, abs=0.00001)
