"""Ratios of a statement's figures, and Altman's Z''.

A ratio is written as data: which figures stand above the line, which below. It has no value where one of them is missing or what
is below the line is zero; the reason is told, and nothing is put in its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Any

from credit_service.financial_statements.domain.figures import Figures

PLACES = Decimal("0.000001")
_DIGITS = 60
"""Enough that figures of 15 digits before the point and 4 after it divide and sum without a rounding that matters."""

Z2_SAFE_ABOVE = Decimal("2.60")
Z2_DISTRESS_BELOW = Decimal("1.10")
EMERGING_MARKETS_CONSTANT = Decimal("3.25")


@dataclass(frozen=True)
class Ratio:
    """Figures `over` others, each a name with a minus before it where it is taken off, times `factor`."""

    name: str
    over: tuple[str, ...]
    under: tuple[str, ...]
    factor: int = 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The figures that it needs."""
        return tuple(dict.fromkeys(term.removeprefix("-") for term in self.over + self.under))

    @property
    def formula(self) -> str:
        """The ratio in words."""
        times = f" × {self.factor}" if self.factor != 1 else ""
        return f"{_sum_in_words(self.over)} / {_sum_in_words(self.under)}{times}"

    def of(self, figures: Mapping[str, Decimal | None]) -> "RatioValue":
        """Return the ratio with six decimals, or why there is none, in a context of enough digits."""
        missing = [name for name in self.names if figures[name] is None]
        if missing:
            return RatioValue(self.name, None, f"{', '.join(missing)} not given")
        below = _sum(self.under, figures)
        if below == 0:
            return RatioValue(self.name, None, f"{_sum_in_words(self.under)} is zero")
        return RatioValue(self.name, (_sum(self.over, figures) * self.factor / below).quantize(PLACES), None)


@dataclass(frozen=True, slots=True)
class RatioValue:
    """What a ratio came to; `why_missing` says why where it has no value."""

    name: str
    value: Decimal | None
    why_missing: str | None


def _sum(terms: tuple[str, ...], figures: Mapping[str, Any]) -> Decimal:
    return sum(
        (-figures[term[1:]] if term.startswith("-") else figures[term] for term in terms),
        Decimal(0),
    )


def _sum_in_words(terms: tuple[str, ...]) -> str:
    if len(terms) == 1:
        return terms[0]
    parts = [f"− {term[1:]}" if term.startswith("-") else f"+ {term}" for term in terms]
    return f"({' '.join(parts).removeprefix('+ ')})"


_WORKING_CAPITAL = ("current_assets", "-current_liabilities")
_CONSTANT_CAPITAL = ("equity", "long_term_liabilities")
_RATIOS = (
    Ratio("net_profit_to_assets", ("net_profit",), ("total_assets",)),
    Ratio("liabilities_to_assets", ("total_liabilities",), ("total_assets",)),
    Ratio("working_capital_to_assets", _WORKING_CAPITAL, ("total_assets",)),
    Ratio("current_ratio", ("current_assets",), ("current_liabilities",)),
    Ratio("retained_earnings_to_assets", ("retained_earnings",), ("total_assets",)),
    Ratio("ebit_to_assets", ("ebit",), ("total_assets",)),
    Ratio("equity_to_liabilities", ("equity",), ("total_liabilities",)),
    Ratio("sales_to_assets", ("revenue",), ("total_assets",)),
    Ratio("equity_to_assets", ("equity",), ("total_assets",)),
    Ratio("pre_tax_profit_to_current_liabilities", ("profit_before_tax",), ("current_liabilities",)),
    Ratio("cash_profit_margin", ("profit_before_tax", "depreciation"), ("revenue",)),
    Ratio("cash_profit_to_liabilities", ("profit_before_tax", "depreciation"), ("total_liabilities",)),
    Ratio("pre_tax_profit_to_assets", ("profit_before_tax",), ("total_assets",)),
    Ratio("pre_tax_margin", ("profit_before_tax",), ("revenue",)),
    Ratio("inventory_days", ("inventories",), ("revenue",), 365),
    Ratio("sales_growth", ("revenue",), ("prior_revenue",)),
    Ratio("operating_profit_to_assets", ("operating_profit",), ("total_assets",)),
    Ratio("net_margin", ("net_profit",), ("revenue",)),
    Ratio("earned_equity_to_assets", ("equity", "-share_capital"), ("total_assets",)),
    Ratio("net_cash_profit_to_liabilities", ("net_profit", "depreciation"), ("total_liabilities",)),
    Ratio("interest_cover", ("operating_profit",), ("financial_expenses",)),
    Ratio("working_capital_to_fixed_assets", _WORKING_CAPITAL, ("fixed_assets",)),
    Ratio("net_debt_to_sales", ("total_liabilities", "-cash"), ("revenue",)),
    Ratio("profit_on_sales_to_assets", ("profit_on_sales",), ("total_assets",)),
    Ratio("constant_capital_to_assets", _CONSTANT_CAPITAL, ("total_assets",)),
    Ratio("sales_margin", ("profit_on_sales",), ("revenue",)),
    Ratio("cash_ratio", ("current_assets", "-inventories", "-receivables"), ("current_liabilities",)),
    Ratio("operating_margin", ("operating_profit",), ("revenue",)),
    Ratio("receivable_days", ("receivables",), ("revenue",), 365),
    Ratio("net_profit_to_inventories", ("net_profit",), ("inventories",)),
    Ratio("quick_ratio", ("current_assets", "-inventories"), ("current_liabilities",)),
    Ratio("current_assets_to_liabilities", ("current_assets",), ("total_liabilities",)),
    Ratio("current_liabilities_to_assets", ("current_liabilities",), ("total_assets",)),
    Ratio("equity_to_fixed_assets", ("equity",), ("fixed_assets",)),
    Ratio("constant_capital_to_fixed_assets", _CONSTANT_CAPITAL, ("fixed_assets",)),
    Ratio("gross_margin", ("revenue", "-cost_of_sales"), ("revenue",)),
    Ratio("costs_to_sales", ("total_costs",), ("revenue",)),
    Ratio("long_term_liabilities_to_equity", ("long_term_liabilities",), ("equity",)),
    Ratio("current_liabilities_days", ("current_liabilities",), ("revenue",), 365),
    Ratio("sales_to_fixed_assets", ("revenue",), ("fixed_assets",)),
)
RATIOS: dict[str, Ratio] = {ratio.name: ratio for ratio in _RATIOS}

Z2_WEIGHTS: dict[str, Decimal] = {
    "working_capital_to_assets": Decimal("6.56"),
    "retained_earnings_to_assets": Decimal("3.26"),
    "ebit_to_assets": Decimal("6.72"),
    "equity_to_liabilities": Decimal("1.05"),
}
"""Z'' of private and non-manufacturing firms: Altman, Hartzell and Peck, "Emerging Markets Corporate Bonds: A Scoring System"
(1995), and Altman, "Predicting Financial Distress of Companies: Revisiting the Z-Score and ZETA Models" (2000)."""


@dataclass(frozen=True, slots=True)
class Z2:
    """Altman's Z''. Above 2.60 `safe`, below 1.10 `distress`, `grey` between, both edges grey.

    `emerging_markets` is the variant with the constant 3.25 added, whose zones lie 3.25 higher.
    """

    value: Decimal | None
    zone: str | None
    emerging_markets: Decimal | None
    why_missing: str | None


def ratios_of(figures: Figures, names: Iterable[str] = RATIOS) -> dict[str, RatioValue]:
    """Return ratios of these figures by name, every one unless `names` says which."""
    given = dict(figures)
    with localcontext(prec=_DIGITS):
        return {name: RATIOS[name].of(given) for name in names}


def z2_of(ratios: Mapping[str, RatioValue]) -> Z2:
    """Return Altman's Z'' of a statement's ratios; it has no value where one of its four ratios has none."""
    parts = [ratios[name] for name in Z2_WEIGHTS]
    values = {part.name: part.value for part in parts if part.value is not None}
    if len(values) < len(parts):
        reasons = dict.fromkeys(part.why_missing for part in parts if part.why_missing)
        return Z2(None, None, None, "; ".join(reasons))
    with localcontext(prec=_DIGITS):
        z2 = sum((Z2_WEIGHTS[name] * value for name, value in values.items()), Decimal(0)).quantize(PLACES)
        return Z2(z2, zone_of(z2), z2 + EMERGING_MARKETS_CONSTANT, None)


def zone_of(z2: Decimal) -> str:
    """Return the zone of a Z''."""
    if z2 > Z2_SAFE_ABOVE:
        return "safe"
    return "distress" if z2 < Z2_DISTRESS_BELOW else "grey"
