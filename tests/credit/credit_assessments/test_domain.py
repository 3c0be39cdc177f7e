from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_service.credit_assessments.domain.assessment import (
    Assessment,
    MethodNotInScorecardError,
    assess,
    months_after,
)
from credit_service.credit_assessments.domain.factors import months_between
from credit_service.credit_assessments.domain.facts import AssessmentFacts, BureauFact, InsuranceFact, StatementFact
from credit_service.credit_assessments.domain.limits import AMOUNT_MAX
from credit_service.financial_statements.domain.figures import Figures
from credit_service.payment_behaviour.domain import PaymentBehaviour
from credit_service.scorecards.domain.default import DEFAULT

DAY = date(2026, 3, 2)
BEHAVIOUR = PaymentBehaviour(
    counted_items=12,
    late_items=0,
    share_late=Decimal("0.0000"),
    weighted_days_late=Decimal("-2.00"),
    trend_days_late=Decimal("0.00"),
    purchases=Decimal("365000.00"),
    high_credit=Decimal("40000.00"),
    first_item_on=date(2019, 5, 1),
    unconverted=(),
)
BUREAU = BureauFact(
    report_id="brp_1",
    bureau="coface",
    reported_on=date(2026, 2, 1),
    score=Decimal(90),
    recommended_limit=Decimal("30000.00"),
    currency="USD",
)


def statement(period_end: date = date(2025, 12, 31), currency: str = "EUR", **figures: int) -> StatementFact:
    return StatementFact(
        statement_id="fst_1",
        period_end=period_end,
        currency=currency,
        units="thousands",
        audited=True,
        source="report",
        figures=Figures(**{name: Decimal(value) for name, value in figures.items()}),
    )


def facts(**changes: Any) -> AssessmentFacts:
    return AssessmentFacts(customer_id="C-1", as_of=DAY, currency="EUR", country="DE", **changes)


def amounts(assessment: Assessment) -> dict[str, Decimal | None]:
    return {one.method: one.amount for one in assessment.limit_methods}


def factor(assessment: Assessment, name: str) -> Any:
    return next(one for one in assessment.factors if one.factor == name)


def test_the_lowest_of_the_methods_is_recommended_and_each_is_shown() -> None:
    known = facts(
        behaviour=BEHAVIOUR,
        bureau=BUREAU,
        statement=statement(equity=900),
        insurance=InsuranceFact(insured_amount=Decimal("50000.00"), valid_until=DAY),
        rates={"USD": Decimal("0.9")},
    )

    assessment = assess(known, DEFAULT)

    assert (assessment.risk_class, assessment.recommended_terms) == ("A", "net 60")
    assert amounts(assessment) == {
        "purchases": Decimal("90000.00"),
        "share_of_equity": Decimal("90000.00"),
        "insured_limit": Decimal("50000.00"),
        "bureau_limit": Decimal("27000.00"),
        "high_credit": Decimal("48000.00"),
        "risk_class": None,
    }
    assert (assessment.chosen_method, assessment.recommended_limit) == ("bureau_limit", Decimal("27000.00"))


def test_one_method_may_be_asked_for_also_where_it_cannot_say() -> None:
    known = facts(behaviour=BEHAVIOUR)

    assert assess(known, DEFAULT, "high_credit").recommended_limit == Decimal("48000.00")
    assert assess(known, DEFAULT, "insured_limit").recommended_limit is None


def test_a_method_that_the_scorecard_does_not_have_is_refused() -> None:
    content = DEFAULT.model_copy(update={"limit_methods": DEFAULT.limit_methods[:1]})

    with pytest.raises(MethodNotInScorecardError):
        assess(facts(behaviour=BEHAVIOUR), content, "share_of_equity")


def test_who_is_unknown_gets_no_limit_made_up_and_no_better_class_than_the_table_allows() -> None:
    assessment = assess(facts(), DEFAULT)

    assert assessment.recommended_limit is None
    assert assessment.risk_class >= "C"
    assert {one.missing for one in assessment.factors if one.factor == "bureau_score"} == {"no bureau report"}


def test_a_class_without_credit_gets_none_whatever_the_other_methods_give() -> None:
    bad = BEHAVIOUR.model_copy(
        update={
            "late_items": 12,
            "share_late": Decimal(1),
            "weighted_days_late": Decimal(90),
            "trend_days_late": Decimal(50),
        }
    )

    assessment = assess(facts(behaviour=bad, broken_promises=4, returned_payments=3), DEFAULT)

    assert (assessment.risk_class, assessment.recommended_limit, assessment.recommended_terms) == (
        "E",
        Decimal("0.00"),
        "prepayment",
    )
    assert amounts(assessment)["risk_class"] == Decimal("0.00")


def test_negative_equity_gives_no_limit_and_bad_ratios() -> None:
    assessment = assess(facts(statement=statement(equity=-50, total_liabilities=100, total_assets=50)), DEFAULT)

    assert amounts(assessment)["share_of_equity"] == Decimal("0.00")
    assert factor(assessment, "equity_to_liabilities").points == 0


def test_a_statement_counts_up_to_its_age_and_then_its_ratios_are_left_out() -> None:
    fresh = assess(facts(statement=statement(date(2024, 3, 2), equity=1)), DEFAULT)
    old = assess(facts(statement=statement(date(2024, 2, 1), equity=1)), DEFAULT)

    assert amounts(fresh)["share_of_equity"] == Decimal("100.00")
    assert amounts(old)["share_of_equity"] is None
    assert factor(fresh, "quick_ratio").missing.endswith("not given")
    assert factor(old, "quick_ratio").missing == "the statement of 2024-02-01 is older than 24 months"
    assert (factor(fresh, "quick_ratio").points is None, factor(old, "quick_ratio").points) == (False, None)


def test_equity_in_a_currency_without_a_rate_is_not_taken_one_to_one() -> None:
    assessment = assess(facts(statement=statement(currency="JPY", equity=5)), DEFAULT)

    proposal = next(one for one in assessment.limit_methods if one.method == "share_of_equity")
    assert (proposal.amount, proposal.why) == (None, "no exchange rate from JPY")


def test_fewer_items_than_the_table_asks_for_say_nothing_of_behaviour() -> None:
    few = BEHAVIOUR.model_copy(update={"counted_items": 2})

    assessment = assess(facts(behaviour=few), DEFAULT)

    assert factor(assessment, "share_late").missing == "2 items settled or overdue in 365 days, fewer than 3"


def test_no_broken_promise_is_good_news_only_of_who_had_to_pay() -> None:
    new, known = assess(facts(), DEFAULT), assess(facts(behaviour=BEHAVIOUR), DEFAULT)

    assert (factor(new, "broken_promises").missing, factor(known, "broken_promises").points) == (
        "nothing was due yet",
        100,
    )


def test_expected_purchases_stand_in_place_of_those_made() -> None:
    known = facts(behaviour=BEHAVIOUR, expected_purchases=Decimal("730000.00"))

    assert amounts(assess(known, DEFAULT))["purchases"] == Decimal("180000.00")


@pytest.mark.parametrize(
    ("earlier", "months"),
    [("2026-03-02", 0), ("2026-02-03", 0), ("2026-02-02", 1), ("2025-03-03", 11), ("2026-04-01", -1)],
)
def test_only_whole_months_count(earlier: str, months: int) -> None:
    assert months_between(date.fromisoformat(earlier), DAY) == months


def test_months_after_a_long_month_end_at_a_short_ones_last_day() -> None:
    assert months_after(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert months_after(date(2026, 12, 31), 12) == date(2027, 12, 31)


_amount = st.decimals("-999999999999999.9999", "999999999999999.9999", places=4)
_some = st.none() | _amount
_behaviour = st.builds(
    PaymentBehaviour,
    counted_items=st.integers(0, 10**6),
    late_items=st.integers(0, 10**6),
    share_late=st.none() | st.decimals(0, 1, places=4),
    weighted_days_late=st.none() | st.decimals(-40_000, 400_000, places=2),
    trend_days_late=st.none() | st.decimals(-40_000, 400_000, places=2),
    purchases=_amount,
    high_credit=_amount,
    first_item_on=st.none() | st.dates(DAY - timedelta(9000), DAY),
    unconverted=st.just(()),
)
_statement = st.builds(
    statement,
    period_end=st.dates(DAY - timedelta(1500), DAY),
    currency=st.sampled_from(["EUR", "USD", "KWD"]),
).flatmap(
    lambda one: st.fixed_dictionaries(dict.fromkeys(Figures.model_fields, st.none() | _amount.map(abs))).map(
        lambda figures: one.model_copy(update={"figures": Figures(**figures)})
    )
)
_facts = st.builds(
    facts,
    behaviour=st.none() | _behaviour,
    statement=st.none() | _statement,
    bureau=st.none()
    | st.builds(BUREAU.model_copy, update=st.fixed_dictionaries({"recommended_limit": st.none() | _amount.map(abs)})),
    insurance=st.none() | st.builds(InsuranceFact, insured_amount=_amount.map(abs), valid_until=st.none()),
    exposure=_amount,
    broken_promises=st.integers(0, 50),
    returned_payments=st.integers(0, 50),
    rates=st.dictionaries(st.sampled_from(["USD", "KWD"]), st.decimals("0.0000000001", 10**9, places=10)),
)


@settings(max_examples=60, deadline=None)
@given(_facts)
def test_the_same_facts_come_to_the_same_also_after_they_were_stored(known: AssessmentFacts) -> None:
    stored = AssessmentFacts.model_validate_json(known.model_dump_json())

    first, again = assess(known, DEFAULT), assess(stored, DEFAULT)

    assert first == again
    assert 0 <= first.score <= 1000
    limits = [one.amount for one in first.limit_methods if one.amount is not None]
    assert first.recommended_limit == min(limits, default=None)
    assert all(0 <= amount <= AMOUNT_MAX for amount in limits)
