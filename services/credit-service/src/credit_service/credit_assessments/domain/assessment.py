"""The assessment itself: facts and a scorecard in; score, class, limit and terms out."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Literal

from credit_service.credit_assessments.domain.factors import values_of
from credit_service.credit_assessments.domain.facts import AssessmentFacts
from credit_service.credit_assessments.domain.limits import LimitProposal, lowest, proposals
from credit_service.scorecards.domain.scorecard import ScorecardContent
from credit_service.scorecards.domain.scoring import FactorScore, scored
from shared.days import LAST_DAY
from shared.errors import InvalidError, NotFoundError

MethodChoice = Literal[
    "lowest", "purchases", "share_of_equity", "insured_limit", "bureau_limit", "high_credit", "risk_class"
]
LOWEST: MethodChoice = "lowest"
_DIGITS = 60


class AssessmentNotFoundError(NotFoundError):
    """There is no such assessment."""

    code = "credit_assessment_not_found"

    def __init__(self, assessment_id: str) -> None:
        super().__init__(f"There is no credit assessment {assessment_id}: see GET /v1/credit-assessments.")


class MethodNotInScorecardError(InvalidError):
    """The scorecard does not know the method that is asked for."""

    code = "method_not_in_scorecard"

    def __init__(self, method: str, known: list[str]) -> None:
        super().__init__(
            f"The scorecard has no limit method {method}: take lowest or one of {', '.join(known)}.", field="method"
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an assessment came to. Limit and terms are recommendations; a limit of None is one that no method can tell."""

    score: int
    risk_class: str
    evidence_pct: int
    factors: tuple[FactorScore, ...]
    limit_methods: tuple[LimitProposal, ...]
    chosen_method: str | None
    recommended_limit: Decimal | None
    recommended_terms: str
    next_review_on: date


def assess(facts: AssessmentFacts, content: ScorecardContent, method: MethodChoice = LOWEST) -> Assessment:
    """Assess a customer; raise `FactMissingError`, `NothingToAssessError`, `MethodNotInScorecardError`."""
    known: list[str] = [one.method for one in content.limit_methods]
    if method != LOWEST and method not in known:
        raise MethodNotInScorecardError(method, known)
    with localcontext(prec=_DIGITS):
        result = scored(content, values_of(facts, content))
    band = content.band_of(result.risk_class)
    every = proposals(facts, content, band)
    chosen = lowest(every) if method == LOWEST else next(one for one in every if one.method == method)
    return Assessment(
        score=result.score,
        risk_class=result.risk_class,
        evidence_pct=result.evidence_pct,
        factors=result.factors,
        limit_methods=every,
        chosen_method=chosen.method if chosen else None,
        recommended_limit=chosen.amount if chosen else None,
        recommended_terms=band.payment_terms,
        next_review_on=months_after(facts.as_of, band.review_months),
    )


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of its month; never behind the last business day there is."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return min(date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])), LAST_DAY)
