"""Shapes of financial statements on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from credit_service.financial_statements.domain.figures import Figures, Statement, Unit
from credit_service.financial_statements.domain.ratios import RATIOS, ratios_of, z2_of
from credit_service.financial_statements.tables import FinancialStatementRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode

GIVEN: dict[str, Any] = {
    "period_end": "2025-12-31",
    "period_months": 12,
    "currency": "EUR",
    "units": "thousands",
    "audited": True,
    "source": "annual report 2025",
    "figures": {
        "total_assets": "5200.00",
        "current_assets": "3100.00",
        "inventories": "900.00",
        "equity": "2100.00",
        "retained_earnings": "800.00",
        "total_liabilities": "3100.00",
        "current_liabilities": "1700.00",
        "revenue": "9800.00",
        "prior_revenue": "9100.00",
        "operating_profit": "640.00",
        "ebit": "640.00",
        "financial_expenses": "80.00",
        "profit_before_tax": "560.00",
        "net_profit": "410.00",
    },
}

Number = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")]
"""A computed number on the wire: a decimal string."""


class StatementContent(Body):
    """A balance sheet and income statement."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})

    period_end: Day = Field(description="Last day of the period")
    period_months: int = Field(default=12, ge=1, le=24, description="Length of the period in months")
    currency: CurrencyCode = Field(description="ISO 4217")
    units: Unit = Field(default="ones", description="What one unit of a figure is: ones, thousands or millions")
    audited: bool = Field(default=False, description="Whether an auditor has certified it")
    source: str = Field(
        min_length=1, max_length=200, examples=["annual report 2025"], description="Where it comes from"
    )
    figures: Figures = Field(description="The figures of balance sheet and income statement")


def given(body: StatementContent) -> Statement:
    """Return what a body gives as a statement."""
    return Statement(**{name: getattr(body, name) for name in StatementContent.model_fields})


class RatioShown(BaseModel):
    """A ratio of the statement."""

    model_config = ConfigDict(title="Ratio")

    name: str = Field(description="Name of the ratio")
    formula: str = Field(description="How it is computed")
    value: Number | None = Field(description="With six decimals; null where a figure is missing or the divisor is zero")
    why_missing: str | None = Field(description="Why it cannot be computed; null where it is")


class Z2Shown(BaseModel):
    """Altman's Z'' for private and non-manufacturing firms."""

    model_config = ConfigDict(title="AltmanZ2")

    value: Number | None = Field(
        description="6.56 working capital / assets + 3.26 retained earnings / assets + 6.72 EBIT / assets + "
        "1.05 equity / liabilities (Altman, Hartzell and Peck 1995)"
    )
    zone: str | None = Field(description="`safe` above 2.60, `distress` below 1.10, else `grey`")
    emerging_markets: Number | None = Field(description="The variant with the constant 3.25; its zones lie 3.25 higher")
    why_missing: str | None = Field(description="Why it cannot be computed; null where it is")


class FinancialStatement(BaseModel):
    """A statement with what is computed from it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "fst_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f", "customer_id": "C-1"}
                | GIVEN
                | {
                    "recorded_by": "credit_analyst",
                    "recorded_at": "2026-03-02T08:15:00Z",
                    "ratios": [
                        {
                            "name": "quick_ratio",
                            "formula": RATIOS["quick_ratio"].formula,
                            "value": "1.294118",
                            "why_missing": None,
                        }
                    ],
                    "altman_z2": {
                        "value": "3.806192",
                        "zone": "safe",
                        "emerging_markets": "7.056192",
                        "why_missing": None,
                    },
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    period_end: Day = Field(description="Last day of the period")
    period_months: int = Field(description="Length of the period in months")
    currency: str = Field(description="ISO 4217")
    units: Unit = Field(description="In what the figures are given")
    audited: bool = Field(description="Whether an auditor has certified it")
    source: str = Field(description="Where it comes from")
    figures: Figures = Field(description="In `units` of `currency`; null where a figure was not given")
    recorded_by: str = Field(description="User who recorded it")
    recorded_at: datetime = Field(description="When it was recorded, in UTC")
    ratios: list[RatioShown] = Field(description="Computed from the figures")
    altman_z2: Z2Shown = Field(description="Altman's Z'' for private firms, computed from the figures")


def shown(row: FinancialStatementRow) -> FinancialStatement:
    """Return a statement as it is shown."""
    figures = Figures.model_validate(row.figures)
    ratios = ratios_of(figures)
    z2 = z2_of(ratios)
    told = [
        RatioShown(name=one.name, formula=RATIOS[one.name].formula, value=one.value, why_missing=one.why_missing)
        for one in ratios.values()
    ]
    return FinancialStatement.model_validate(
        row.model_dump()
        | {
            "id": row.statement_id,
            "figures": figures,
            "ratios": told,
            "altman_z2": Z2Shown(
                value=z2.value, zone=z2.zone, emerging_markets=z2.emerging_markets, why_missing=z2.why_missing
            ),
        }
    )
