"""The scorecard that a new installation starts with.

The points of the financial ratios are set by data (`financial_points.py`); all others are those of a cautious trade creditor,
to be changed by a credit manager who knows the own customers.
"""

from decimal import Decimal

from credit_service.scorecards.domain.financial_points import FINANCIAL_POINTS
from credit_service.scorecards.domain.scorecard import (
    Bin,
    BureauMethod,
    ClassBand,
    ClassMethod,
    CountryFactor,
    CountryGroup,
    EquityMethod,
    GivePoints,
    HighCreditMethod,
    InsuredMethod,
    LeaveOut,
    Missing,
    NumericFactor,
    PurchasesMethod,
    ScorecardContent,
)

_LEFT_OUT = LeaveOut(handling="leave_out_and_reweight")
_NOT_CLASSIFIED = (
    "AU AT BE CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT JP KR LT LU LV MT NL NO NZ PL PT SE SG SI SK US"
)
"""High-income countries that the OECD's Arrangement on Officially Supported Export Credits does not classify by risk."""


def _number(
    name: str, weight: int, bins: list[tuple[str, int]], *, above: int, missing: Missing = _LEFT_OUT
) -> NumericFactor:
    bounded = [Bin(up_to=Decimal(bound), points=points) for bound, points in bins]
    return NumericFactor(factor=name, weight=weight, bins=(*bounded, Bin(up_to=None, points=above)), missing=missing)


PAYMENT_BEHAVIOUR = (
    _number("share_late", 110, [("0.05", 100), ("0.15", 80), ("0.30", 60), ("0.50", 35), ("0.75", 15)], above=0),
    _number("weighted_days_late", 120, [("0", 100), ("5", 85), ("15", 60), ("30", 35), ("60", 10)], above=0),
    _number("trend_days_late", 50, [("-5", 100), ("2", 75), ("10", 40), ("30", 15)], above=0),
    _number("broken_promises", 55, [("0", 100), ("1", 50), ("2", 20)], above=0),
    _number("returned_payments", 45, [("0", 100), ("1", 30)], above=0),
)
OTHERS = (
    _number("bureau_score", 130, [("20", 0), ("35", 20), ("50", 45), ("65", 65), ("80", 85)], above=100),
    _number("altman_z2", 40, [("1.10", 0), ("2.60", 50)], above=100),
    _number("insured_share", 80, [("0.25", 20), ("0.50", 45), ("0.99", 70)], above=100),
    _number(
        "relationship_months",
        70,
        [("6", 20), ("12", 40), ("24", 60), ("60", 80)],
        above=100,
        missing=GivePoints(handling="points", points=0),
    ),
    CountryFactor(
        factor="country",
        weight=50,
        groups=(
            CountryGroup(
                label="high income, not classified by risk", countries=tuple(_NOT_CLASSIFIED.split()), points=100
            ),
        ),
        others=40,
    ),
)
CLASSES = (
    ClassBand(risk_class="A", score_from=800, payment_terms="net 60", review_months=12),
    ClassBand(risk_class="B", score_from=650, payment_terms="net 45", review_months=12),
    ClassBand(risk_class="C", score_from=500, payment_terms="net 30", review_months=6),
    ClassBand(risk_class="D", score_from=350, payment_terms="net 14", review_months=3),
    ClassBand(risk_class="E", score_from=0, payment_terms="prepayment", review_months=3, credit=False),
)
DEFAULT = ScorecardContent(
    factors=(*PAYMENT_BEHAVIOUR, *FINANCIAL_POINTS, *OTHERS),
    classes=CLASSES,
    limit_methods=(
        PurchasesMethod(method="purchases", share_pct=Decimal(150)),
        EquityMethod(method="share_of_equity", share_pct=Decimal(10)),
        InsuredMethod(method="insured_limit"),
        BureauMethod(method="bureau_limit"),
        HighCreditMethod(method="high_credit", share_pct=Decimal(120)),
        ClassMethod(method="risk_class"),
    ),
    items_min=3,
    statement_months_max=24,
    report_months_max=12,
    evidence_min_pct=40,
    thin_class="C",
)
