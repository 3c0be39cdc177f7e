from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from credit_service.scorecards.domain.default import DEFAULT
from credit_service.scorecards.domain.scorecard import NumericFactor, ScorecardContent
from credit_service.scorecards.domain.scoring import FactMissingError, FactorValue, NothingToAssessError, scored

CLASSES = [
    {"risk_class": one, "score_from": score, "payment_terms": "net 30", "review_months": 6}
    for one, score in zip("ABCDE", (800, 600, 400, 200, 0), strict=True)
]
BINS = [{"up_to": "0.10", "points": 100}, {"up_to": "0.50", "points": 40}, {"up_to": None, "points": 0}]
LEFT_OUT = {"handling": "leave_out_and_reweight"}


def factor(name: str = "share_late", weight: int = 100, **changes: Any) -> dict[str, Any]:
    return {"factor": name, "weight": weight, "bins": BINS, "missing": LEFT_OUT} | changes


def scorecard(*factors: dict[str, Any], **changes: Any) -> ScorecardContent:
    content = {
        "factors": list(factors) or [factor()],
        "classes": CLASSES,
        "limit_methods": [{"method": "risk_class"}],
        "items_min": 3,
        "statement_months_max": 24,
        "report_months_max": 12,
        "evidence_min_pct": 0,
        "thin_class": "C",
    }
    return ScorecardContent.model_validate(content | changes)


def known(value: str) -> FactorValue:
    return FactorValue(Decimal(value), source="test")


ABSENT = FactorValue(why_missing="no items", has_source=False)
EMPTY = FactorValue(why_missing="not given")


@pytest.mark.parametrize(
    ("value", "score", "where"),
    [
        ("-7", 1000, "up to 0.10"),
        ("0.10", 1000, "up to 0.10"),
        ("0.100001", 400, "above 0.10, up to 0.50"),
        ("0.50", 400, "above 0.10, up to 0.50"),
        ("1E+30", 0, "above 0.50"),
    ],
)
def test_a_bin_takes_its_upper_bound(value: str, score: int, where: str) -> None:
    result = scored(scorecard(), {"share_late": known(value)})

    assert (result.score, result.factors[0].bin) == (score, where)


def test_weights_share_the_score() -> None:
    content = scorecard(factor(weight=300), factor("bureau_score", weight=100))

    result = scored(content, {"share_late": known("0.3"), "bureau_score": known("0")})

    assert result.score == 550


def test_a_missing_fact_is_left_out_and_the_others_weigh_the_more() -> None:
    content = scorecard(factor(weight=300), factor("bureau_score", weight=100))

    result = scored(content, {"share_late": ABSENT, "bureau_score": known("0.2")})

    assert result.score == 400
    assert result.evidence_pct == 25
    assert (result.factors[0].points, result.factors[0].missing) == (None, "no items")


def test_a_missing_fact_gets_the_points_that_the_table_gives_it_and_is_said_to_be_missing() -> None:
    content = scorecard(factor(missing={"handling": "points", "points": 35}))

    result = scored(content, {"share_late": ABSENT})

    assert (result.score, result.factors[0].value, result.factors[0].missing) == (350, None, "no items")
    assert result.evidence_pct == 0


def test_the_table_may_refuse_to_assess_without_a_fact() -> None:
    with pytest.raises(FactMissingError) as refused:
        scored(scorecard(factor(missing={"handling": "refuse"})), {"share_late": ABSENT})

    assert refused.value.factor == "share_late"


def test_a_missing_source_may_be_handled_otherwise_than_a_missing_value() -> None:
    content = scorecard(
        factor("quick_ratio", missing={"handling": "points", "points": 10}, without_source=LEFT_OUT),
        factor("bureau_score"),
    )

    without_statement = scored(content, {"quick_ratio": ABSENT, "bureau_score": known("0")})
    without_figure = scored(content, {"quick_ratio": EMPTY, "bureau_score": known("0")})

    assert (without_statement.score, without_figure.score) == (1000, 550)


def test_nothing_is_assessed_on_nothing() -> None:
    with pytest.raises(NothingToAssessError):
        scored(scorecard(), {"share_late": ABSENT})


@pytest.mark.parametrize(("points", "risk_class"), [(80, "A"), (79, "B"), (60, "B"), (20, "D"), (19, "E"), (0, "E")])
def test_a_class_begins_at_its_lowest_score(points: int, risk_class: str) -> None:
    content = scorecard(factor(bins=[{"up_to": None, "points": points}]))

    assert scored(content, {"share_late": known("1")}).risk_class == risk_class


def test_on_thin_evidence_no_class_is_better_than_the_table_allows_and_none_is_lifted() -> None:
    content = scorecard(factor(weight=49), factor("bureau_score", weight=51), evidence_min_pct=50)

    thin = scored(content, {"share_late": known("0"), "bureau_score": ABSENT})
    bad = scored(content, {"share_late": known("9"), "bureau_score": ABSENT})
    enough = scored(content, {"share_late": ABSENT, "bureau_score": known("0")})

    assert (thin.score, thin.risk_class) == (1000, "C")
    assert (bad.risk_class, enough.risk_class) == ("E", "A")


def test_a_country_belongs_to_the_first_group_that_names_it() -> None:
    groups = [
        {"label": "home", "countries": ["DE"], "points": 100},
        {"label": "near", "countries": ["DE", "AT"], "points": 60},
    ]
    content = scorecard({"factor": "country", "weight": 1, "groups": groups, "others": 5})

    scores = [scored(content, {"country": FactorValue(text=one)}).score for one in ("DE", "AT", "XX")]

    assert scores == [1000, 600, 50]


@pytest.mark.parametrize(
    "changes",
    [
        {"factors": [factor("moon_phase")]},
        {"factors": [factor(), factor()]},
        {"factors": [factor(weight=0)]},
        {"factors": [factor(weight=-1)]},
        {"factors": [factor(bins=BINS[:-1])]},
        {"factors": [factor(bins=[BINS[1], BINS[0], BINS[2]])]},
        {"factors": [factor(bins=[BINS[2], BINS[2]])]},
        {"factors": [factor(bins=[{"up_to": None, "points": 101}])]},
        {"factors": [factor(bins=[{"up_to": "NaN", "points": 1}, BINS[2]])]},
        {"factors": [factor(bins=[{"up_to": 0.1, "points": 1}, BINS[2]])]},
        {"factors": [factor(missing={"handling": "guess"})]},
        {"classes": CLASSES[:-1]},
        {"classes": CLASSES[::-1]},
        {"classes": [*CLASSES[:-1], CLASSES[-1] | {"score_from": 1}]},
        {"classes": [CLASSES[0] | {"payment_terms": "when it suits"}, *CLASSES[1:]]},
        {"limit_methods": []},
        {"limit_methods": [{"method": "risk_class"}, {"method": "risk_class"}]},
        {"limit_methods": [{"method": "purchases", "share_pct": "-1"}]},
    ],
)
def test_a_table_that_cannot_be_summed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        scorecard(**changes) if "factors" not in changes else scorecard(*changes["factors"])


def test_the_default_scorecard_is_read_again_as_it_was_written() -> None:
    assert ScorecardContent.model_validate_json(DEFAULT.model_dump_json()) == DEFAULT


def test_a_ratio_without_a_statement_is_left_out_of_the_default_scorecard() -> None:
    ratios = [one for one in DEFAULT.factors if isinstance(one, NumericFactor) and one.without_source is not None]

    assert len(ratios) == 10
