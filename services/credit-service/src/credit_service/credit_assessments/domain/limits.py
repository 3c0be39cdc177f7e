"""The recommended limit: what each method of the scorecard gives, of which the lowest is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

from credit_service.credit_assessments.domain.factors import report_that_counts, statement_that_counts
from credit_service.credit_assessments.domain.facts import AssessmentFacts
from credit_service.scorecards.domain.scorecard import (
    BureauMethod,
    ClassBand,
    EquityMethod,
    HighCreditMethod,
    InsuredMethod,
    LimitMethod,
    PurchasesMethod,
    ScorecardContent,
)
from shared.money import AMOUNT_DIGITS_MAX, smallest_unit
from shared.payment_terms import PaymentTerms

ZERO = Decimal(0)
HUNDRED = Decimal(100)
YEAR_DAYS = 365
AMOUNT_MAX = Decimal(10) ** AMOUNT_DIGITS_MAX - 1
_DIGITS = 60


@dataclass(frozen=True, slots=True)
class LimitProposal:
    """What one method gives, in the account's currency, from which inputs and why; None where it cannot say."""

    method: str
    amount: Decimal | None
    why: str
    inputs: Mapping[str, str] = field(default_factory=dict)


def proposals(facts: AssessmentFacts, content: ScorecardContent, band: ClassBand) -> tuple[LimitProposal, ...]:
    """Return what each method of the scorecard gives a customer of this class, rounded down to the currency's unit."""
    with localcontext(prec=_DIGITS):
        found = [_proposal(method, facts, content, band) for method in content.limit_methods]
        return tuple(_bounded(one, facts.currency) for one in found)


def lowest(every: tuple[LimitProposal, ...]) -> LimitProposal | None:
    """Return the proposal with the lowest amount, the first of equals; None where no method can say."""
    known = [(one.amount, place) for place, one in enumerate(every) if one.amount is not None]
    return every[min(known)[1]] if known else None


def _bounded(one: LimitProposal, currency: str) -> LimitProposal:
    if one.amount is None:
        return one
    amount = min(max(one.amount, ZERO), AMOUNT_MAX)
    return replace(one, amount=amount.quantize(smallest_unit(currency), ROUND_DOWN))


def _proposal(method: LimitMethod, facts: AssessmentFacts, content: ScorecardContent, band: ClassBand) -> LimitProposal:
    if isinstance(method, PurchasesMethod):
        return _purchases(method, facts, band)
    if isinstance(method, EquityMethod):
        return _equity(method, facts, content)
    if isinstance(method, InsuredMethod):
        return _insured(facts)
    if isinstance(method, BureauMethod):
        return _bureau(facts, content)
    if isinstance(method, HighCreditMethod):
        return _high_credit(method, facts)
    return _class(band)


def _shown(**inputs: Any) -> dict[str, str]:
    return {name: format(value, "f") if isinstance(value, Decimal) else str(value) for name, value in inputs.items()}


def _purchases(method: PurchasesMethod, facts: AssessmentFacts, band: ClassBand) -> LimitProposal:
    bought, source = facts.expected_purchases, "expected for a year"
    if bought is None:
        bought, source = facts.behaviour.purchases if facts.behaviour else ZERO, "invoiced in 365 days"
    if bought <= 0:
        return LimitProposal("purchases", None, "no purchases in 365 days, and none expected")
    days = max(PaymentTerms.parse(band.payment_terms).average_due_days, ZERO)
    inputs = _shown(purchases=bought, source=source, payment_terms=band.payment_terms, share_pct=method.share_pct)
    amount = bought * days * method.share_pct / (YEAR_DAYS * HUNDRED)
    return LimitProposal("purchases", amount, f"purchases in the days of the terms × {method.share_pct:f} %", inputs)


def _equity(method: EquityMethod, facts: AssessmentFacts, content: ScorecardContent) -> LimitProposal:
    statement, why = statement_that_counts(facts, content.statement_months_max)
    if statement is None:
        return LimitProposal("share_of_equity", None, why)
    equity, rate = statement.amount("equity"), facts.rate_from(statement.currency)
    if equity is None:
        return LimitProposal("share_of_equity", None, "equity not given")
    inputs = _shown(equity=equity, currency=statement.currency, share_pct=method.share_pct)
    if rate is None:
        return LimitProposal("share_of_equity", None, f"no exchange rate from {statement.currency}", inputs)
    why = f"equity × {method.share_pct:f} %" if equity > 0 else "losses have used the equity up"
    return LimitProposal("share_of_equity", equity * rate * method.share_pct / HUNDRED, why, inputs | _shown(rate=rate))


def _insured(facts: AssessmentFacts) -> LimitProposal:
    if facts.insurance is None:
        return LimitProposal("insured_limit", None, "no credit insurance that holds")
    return LimitProposal("insured_limit", facts.insurance.insured_amount, "what the credit insurer covers")


def _bureau(facts: AssessmentFacts, content: ScorecardContent) -> LimitProposal:
    report, why = report_that_counts(facts, content.report_months_max)
    if report is None or report.recommended_limit is None:
        return LimitProposal("bureau_limit", None, why or "the report recommends no limit")
    rate = facts.rate_from(report.currency)
    inputs = _shown(recommended_limit=report.recommended_limit, currency=report.currency, report_id=report.report_id)
    if rate is None:
        return LimitProposal("bureau_limit", None, f"no exchange rate from {report.currency}", inputs)
    why = f"what {report.bureau} recommends"
    return LimitProposal("bureau_limit", report.recommended_limit * rate, why, inputs | _shown(rate=rate))


def _high_credit(method: HighCreditMethod, facts: AssessmentFacts) -> LimitProposal:
    highest = facts.behaviour.high_credit if facts.behaviour else ZERO
    if highest <= 0:
        return LimitProposal("high_credit", None, "no credit was carried in 365 days")
    inputs = _shown(high_credit=highest, share_pct=method.share_pct)
    why = f"highest credit of 365 days × {method.share_pct:f} %"
    return LimitProposal("high_credit", highest * method.share_pct / HUNDRED, why, inputs)


def _class(band: ClassBand) -> LimitProposal:
    if band.credit:
        return LimitProposal("risk_class", None, f"class {band.risk_class} sets no bound of its own")
    return LimitProposal("risk_class", ZERO, f"class {band.risk_class} gets no credit")
