"""What each factor of the scorecard is on a customer's facts, with its source, or why it is missing."""

from datetime import date
from decimal import Decimal

from credit_service.credit_assessments.domain.facts import AssessmentFacts, BureauFact, StatementFact
from credit_service.financial_statements.domain.ratios import RATIOS, Z2_WEIGHTS, ratios_of, z2_of
from credit_service.scorecards.domain.scorecard import COUNTRY, ScorecardContent
from credit_service.scorecards.domain.scoring import FactorValue

ALTMAN_Z2 = "altman_z2"
SHARE_PLACES = Decimal("0.0001")
SHARE_MAX = Decimal(100)
"""A cover of more than this times the need says no more."""


def values_of(facts: AssessmentFacts, content: ScorecardContent) -> dict[str, FactorValue]:
    """Return the value of every factor that the scorecard asks for, and of some that others do."""
    return {
        **_behaviour(facts, content.items_min),
        **_statement(facts, content),
        "bureau_score": _bureau(facts, content.report_months_max),
        "insured_share": _insured(facts),
        "relationship_months": _relationship(facts),
        COUNTRY: FactorValue(text=facts.country, source="customer"),
    }


def statement_that_counts(facts: AssessmentFacts, months_max: int) -> tuple[StatementFact | None, str]:
    """Return the statement unless it is too old, and why there is none."""
    if facts.statement is None:
        return None, "no financial statement"
    if months_between(facts.statement.period_end, facts.as_of) > months_max:
        return None, f"the statement of {facts.statement.period_end} is older than {months_max} months"
    return facts.statement, ""


def months_between(earlier: date, later: date) -> int:
    """Return how many whole months have passed."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day)


def _absent(why: str) -> FactorValue:
    return FactorValue(why_missing=why, has_source=False)


def _behaviour(facts: AssessmentFacts, items_min: int) -> dict[str, FactorValue]:
    known = facts.behaviour
    counted = known.counted_items if known else 0
    happened = {
        "broken_promises": _happened(facts.broken_promises, counted, "promises to pay"),
        "returned_payments": _happened(facts.returned_payments, counted, "payments"),
    }
    if known is None or counted < items_min:
        why = f"{counted} items settled or overdue in 365 days, fewer than {items_min}"
        return happened | dict.fromkeys(("share_late", "weighted_days_late", "trend_days_late"), _absent(why))
    source = f"{counted} items of 365 days"
    unweighed = f"no exchange rate from {', '.join(known.unconverted)}" if known.unconverted else "no amounts to weigh"
    untold = "no items in the last 90 days, or none before them"
    return happened | {
        "share_late": FactorValue(known.share_late, source=source),
        "weighted_days_late": FactorValue(known.weighted_days_late, source=source, why_missing=unweighed),
        "trend_days_late": FactorValue(known.trend_days_late, source=source, why_missing=untold),
    }


def _happened(times: int, items: int, source: str) -> FactorValue:
    """Return how often it happened; where the customer never had to pay anything, that it did not happen says nothing."""
    if not times and not items:
        return _absent("nothing was due yet")
    return FactorValue(Decimal(times), source=f"{source} of 365 days")


def _statement(facts: AssessmentFacts, content: ScorecardContent) -> dict[str, FactorValue]:
    wanted = [one.factor for one in content.factors if one.factor in RATIOS]
    statement, why = statement_that_counts(facts, content.statement_months_max)
    if statement is None:
        return dict.fromkeys((*wanted, ALTMAN_Z2), _absent(why))
    source = f"{statement.source}, {statement.period_end}"
    ratios = ratios_of(statement.figures, (*wanted, *Z2_WEIGHTS))
    z2 = z2_of(ratios)
    values = {
        name: FactorValue(ratios[name].value, source=source, why_missing=ratios[name].why_missing) for name in wanted
    }
    return values | {ALTMAN_Z2: FactorValue(z2.value, source=source, why_missing=z2.why_missing)}


def report_that_counts(facts: AssessmentFacts, months_max: int) -> tuple[BureauFact | None, str]:
    """Return the bureau report unless it is too old, and why there is none."""
    if facts.bureau is None:
        return None, "no bureau report"
    if months_between(facts.bureau.reported_on, facts.as_of) > months_max:
        return None, f"the bureau report of {facts.bureau.reported_on} is older than {months_max} months"
    return facts.bureau, ""


def _bureau(facts: AssessmentFacts, months_max: int) -> FactorValue:
    report, why = report_that_counts(facts, months_max)
    if report is None:
        return _absent(why)
    source = f"{report.bureau}, {report.reported_on}"
    return FactorValue(report.score, source=source, why_missing="the report has no score")


def _insured(facts: AssessmentFacts) -> FactorValue:
    """Return how much of the customer's need the insurer covers: of its exposure, or of its highest credit if that is more."""
    if facts.insurance is None:
        return _absent("no credit insurance that holds")
    need = max(facts.exposure, facts.behaviour.high_credit if facts.behaviour else Decimal(0))
    if need <= 0:
        return FactorValue(source="credit insurance", why_missing="no exposure to cover")
    share = min(facts.insurance.insured_amount / need, SHARE_MAX)
    return FactorValue(share.quantize(SHARE_PLACES), source="credit insurance")


def _relationship(facts: AssessmentFacts) -> FactorValue:
    first = facts.behaviour.first_item_on if facts.behaviour else None
    if first is None:
        return _absent("no item yet")
    return FactorValue(Decimal(months_between(first, facts.as_of)), source=f"first item of {first}")
