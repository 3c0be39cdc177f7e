"""The points of the financial ratios, the weightiest first: upper bound and points of each bin, then of a missing
ratio.

Set by `openitem scorecard-fit` on three quarters of the Polish companies bankruptcy data; docs/scorecard.md shows how well
they tell who fails. Written by that command: change the scorecard with `PUT /v1/scorecards/default`, not this table.
"""

from decimal import Decimal

from credit_service.scorecards.domain.scorecard import Bin, GivePoints, LeaveOut, NumericFactor


def _ratio(name: str, weight: int, bins: list[tuple[str | None, int]], *, missing: int) -> NumericFactor:
    return NumericFactor(
        factor=name,
        weight=weight,
        bins=tuple(Bin(up_to=None if up_to is None else Decimal(up_to), points=points) for up_to, points in bins),
        missing=GivePoints(handling="points", points=missing),
        without_source=LeaveOut(handling="leave_out_and_reweight"),
    )


FINANCIAL_POINTS: tuple[NumericFactor, ...] = (
    _ratio(
        "interest_cover", 81, [("-4.86", 0), ("-0.657", 16), ("-0.0369", 47), ("0.991", 100), (None, 62)], missing=23
    ),
    _ratio("sales_growth", 41, [("0.829", 0), ("1.01", 42), (None, 100)], missing=51),
    _ratio("quick_ratio", 38, [("0.215", 0), ("0.361", 35), ("0.785", 62), (None, 100)], missing=68),
    _ratio(
        "constant_capital_to_fixed_assets",
        16,
        [("0.204", 0), ("0.893", 37), ("0.981", 64), ("5.54", 100), (None, 69)],
        missing=52,
    ),
    _ratio(
        "equity_to_liabilities", 16, [("-0.0386", 0), ("0.477", 34), ("2.22", 62), ("6.4", 100), (None, 57)], missing=50
    ),
    _ratio("cash_ratio", 15, [("0.00831", 0), ("0.0492", 34), ("1.8", 67), ("3.62", 100), (None, 57)], missing=51),
    _ratio("earned_equity_to_assets", 13, [("-0.0556", 0), ("0.332", 40), ("0.511", 62), (None, 100)], missing=50),
    _ratio(
        "sales_margin", 12, [("-0.148", 0), ("-0.0519", 23), ("-0.0122", 48), ("0.047", 79), (None, 100)], missing=66
    ),
    _ratio("receivable_days", 10, [("28.1", 0), ("168.0", 100), (None, 20)], missing=72),
    _ratio(
        "current_liabilities_days",
        7,
        [("19.4", 45), ("61.3", 100), ("159.0", 61), ("292.0", 25), (None, 0)],
        missing=56,
    ),
)
