"""The figures of a balance sheet and an income statement.

The one thing to know: a figure that was not given stays missing. Nothing is put in its place, and nothing is derived from others.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import FieldError, InvalidError, NotFoundError
from shared.money import Amount, NonNegativeAmount

Unit = Literal["ones", "thousands", "millions"]
FACTOR_OF_UNIT: dict[Unit, int] = {"ones": 1, "thousands": 1_000, "millions": 1_000_000}
ROUNDING = Decimal(2)
"""By how many units a part may pass its whole: figures in thousands are rounded one by one."""
_PARTS: tuple[tuple[str, str], ...] = (
    ("fixed_assets", "total_assets"),
    ("current_assets", "total_assets"),
    ("inventories", "current_assets"),
    ("receivables", "current_assets"),
    ("cash", "current_assets"),
    ("current_liabilities", "total_liabilities"),
    ("long_term_liabilities", "total_liabilities"),
)


class NoFiguresError(InvalidError):
    """A statement without a single figure."""

    code = "no_figures"

    def __init__(self) -> None:
        super().__init__("Give at least one figure, such as total_assets.", field="figures")


class PartAboveWholeError(InvalidError):
    """A part of the balance sheet is above what it is a part of."""

    code = "part_above_whole"

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        errors = tuple(
            FieldError(f"figures.{part}", f"{part} cannot be above {whole}: look at both.") for part, whole in pairs
        )
        super().__init__("The figures do not fit together.", errors=errors)


class FinancialStatementNotFoundError(NotFoundError):
    """There is no such statement of this customer."""

    code = "financial_statement_not_found"

    def __init__(self, statement_id: str) -> None:
        super().__init__(f"There is no financial statement {statement_id}: see GET …/financial-statements.")


class Figures(BaseModel):
    """Figures of one period in the statement's currency and unit. None is a figure that was not given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    total_assets: NonNegativeAmount | None = Field(
        default=None, description="All that the firm has; the sum of the balance sheet"
    )
    fixed_assets: NonNegativeAmount | None = Field(default=None, description="Non-current assets")
    current_assets: NonNegativeAmount | None = Field(default=None, description="Due or used up within a year")
    inventories: NonNegativeAmount | None = Field(default=None, description="Goods, materials and work in progress")
    receivables: NonNegativeAmount | None = Field(default=None, description="Trade receivables")
    cash: NonNegativeAmount | None = Field(default=None, description="Cash and short-term securities")
    equity: Amount | None = Field(default=None, description="Book value; negative where losses have used it up")
    share_capital: NonNegativeAmount | None = Field(default=None, description="Paid in by the owners")
    retained_earnings: Amount | None = Field(default=None, description="Of this and earlier years")
    total_liabilities: NonNegativeAmount | None = Field(default=None, description="All that is not equity")
    current_liabilities: NonNegativeAmount | None = Field(default=None, description="Due within a year")
    long_term_liabilities: NonNegativeAmount | None = Field(default=None, description="Due after more than a year")
    revenue: NonNegativeAmount | None = Field(default=None, description="Sales of the period")
    prior_revenue: NonNegativeAmount | None = Field(default=None, description="Sales of the period before")
    cost_of_sales: NonNegativeAmount | None = Field(default=None, description="Cost of what was sold in the period")
    total_costs: NonNegativeAmount | None = Field(default=None, description="All costs of the period")
    depreciation: NonNegativeAmount | None = Field(default=None, description="Of the period, with amortisation")
    profit_on_sales: Amount | None = Field(
        default=None, description="Sales less cost of sales, selling and administration"
    )
    operating_profit: Amount | None = Field(default=None, description="Before financial income and expenses")
    ebit: Amount | None = Field(default=None, description="Earnings before interest and tax")
    financial_expenses: NonNegativeAmount | None = Field(default=None, description="Interest and the like")
    profit_before_tax: Amount | None = Field(default=None, description="After financial income and expenses")
    net_profit: Amount | None = Field(default=None, description="After tax")

    def ensure_consistent(self) -> None:
        """Raise `NoFiguresError`, and `PartAboveWholeError` where a part is above its whole."""
        given = self.model_dump(exclude_none=True)
        if not given:
            raise NoFiguresError
        wrong = [
            (part, whole)
            for part, whole in _PARTS
            if part in given and whole in given and given[part] > given[whole] + ROUNDING
        ]
        if wrong:
            raise PartAboveWholeError(wrong)


@dataclass(frozen=True, slots=True)
class Statement:
    """What is given as a statement."""

    period_end: date
    period_months: int
    currency: str
    units: Unit
    audited: bool
    source: str
    figures: Figures
