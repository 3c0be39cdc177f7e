"""How points are summed: each factor's bin, what is missing, the score and the class it gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from credit_service.scorecards.domain.scorecard import (
    POINTS_MAX,
    SCORE_MAX,
    CountryFactor,
    GivePoints,
    Missing,
    NumericFactor,
    Refuse,
    RiskClass,
    ScorecardContent,
)
from shared.errors import InvalidError


class FactMissingError(InvalidError):
    """The scorecard assesses nothing without this fact."""

    code = "fact_missing"

    def __init__(self, factor: str, why: str) -> None:
        super().__init__(f"The scorecard refuses to assess without {factor}: {why}.", field=factor)
        self.factor = factor


class NothingToAssessError(InvalidError):
    """No factor of the scorecard has a value, nor points for its absence."""

    code = "nothing_to_assess"

    def __init__(self) -> None:
        super().__init__(
            "Every factor of the scorecard is missing and left out: record a statement, a bureau report or items first."
        )


@dataclass(frozen=True, slots=True)
class FactorValue:
    """What is known of a factor: a number, or a country in `text`; and where it comes from.

    `why_missing` says why there is no value, `has_source` whether at least its source is there.
    """

    value: Decimal | None = None
    text: str | None = None
    source: str | None = None
    why_missing: str | None = None
    has_source: bool = True


@dataclass(frozen=True, slots=True)
class FactorScore:
    """What a factor gave. `points` is None where it was left out; `missing` says why there was no value."""

    factor: str
    value: str | None
    bin: str
    points: int | None
    weight: int
    source: str | None
    missing: str | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A score of 0 to 1000 with its class. `evidence_pct` is the share of the weights that rests on facts, rounded down."""

    score: int
    risk_class: RiskClass
    evidence_pct: int
    factors: tuple[FactorScore, ...]


def scored(content: ScorecardContent, values: Mapping[str, FactorValue]) -> Scored:
    """Sum the points; raise `FactMissingError` where the table refuses, `NothingToAssessError` where no factor is left."""
    factors = tuple(score_of(factor, values[factor.factor]) for factor in content.factors)
    exact = exact_score(factors)
    if exact is None:
        raise NothingToAssessError
    score = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    known = sum(one.weight for one in factors if one.missing is None)
    evidence_pct = 100 * known // sum(one.weight for one in factors)
    return Scored(score, _class_of(content, score, evidence_pct), evidence_pct, factors)


def exact_score(factors: tuple[FactorScore, ...]) -> Decimal | None:
    """Return the weighted average of the points on the scale of the score; None where nothing has weight."""
    counted = [(one.points, one.weight) for one in factors if one.points is not None and one.weight]
    if not counted:
        return None
    weighted = sum(points * weight for points, weight in counted)
    return Decimal(weighted * (SCORE_MAX // POINTS_MAX)) / sum(weight for _, weight in counted)


def _class_of(content: ScorecardContent, score: int, evidence_pct: int) -> RiskClass:
    by_score = next(band.risk_class for band in content.classes if score >= band.score_from)
    return max(by_score, content.thin_class) if evidence_pct < content.evidence_min_pct else by_score


def score_of(factor: NumericFactor | CountryFactor, known: FactorValue) -> FactorScore:
    """Return the points of one factor."""
    if isinstance(factor, CountryFactor):
        return _country(factor, known)
    if known.value is None:
        return _missing(factor, known)
    above: Decimal | None = None
    for one in factor.bins:
        if one.up_to is None or known.value <= one.up_to:
            break
        above = one.up_to
    shown = format(known.value, "f")
    return FactorScore(factor.factor, shown, one.label(above), one.points, factor.weight, known.source, None)


def _country(factor: CountryFactor, known: FactorValue) -> FactorScore:
    for group in factor.groups:
        if known.text in group.countries:
            label, points = group.label, group.points
            break
    else:
        label, points = "other countries", factor.others
    return FactorScore(factor.factor, known.text, label, points, factor.weight, known.source, None)


def _missing(factor: NumericFactor, known: FactorValue) -> FactorScore:
    handling: Missing = factor.missing
    if not known.has_source and factor.without_source is not None:
        handling = factor.without_source
    why = known.why_missing or "no value"
    if isinstance(handling, Refuse):
        raise FactMissingError(factor.factor, why)
    points = handling.points if isinstance(handling, GivePoints) else None
    label = "missing" if points is not None else "missing, left out"
    return FactorScore(factor.factor, None, label, points, factor.weight, known.source, why)
