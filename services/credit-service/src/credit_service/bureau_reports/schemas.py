"""Shapes of bureau reports and their purchases on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit_service.bureau_reports.domain.file_form import FileFormat
from credit_service.bureau_reports.domain.purchase import PurchaseStatus
from credit_service.bureau_reports.domain.report import LegalStatus, Provider, Report, Score
from credit_service.bureau_reports.tables import BureauPurchaseRow, BureauReportRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import Money, NonNegativeAmount

CONTENT_CHARACTERS_MAX = 3_900_000
"""What a JSON body of four megabytes has room for: a PDF of a little below three megabytes."""

Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./_-]{1,50}$")]


class IdentifiersBody(Body):
    """What a company is known by at bureaus; by default its name and country are asked for."""

    duns: str | None = Field(default=None, pattern=r"^\d{9}$", description="D-U-N-S number", examples=["804735132"])
    easy_number: str | None = Field(default=None, pattern=r"^\d{1,20}$", description="Coface's number of the company")
    icon_number: str | None = Field(default=None, pattern=r"^\d{1,20}$", description="Coface's ICON number")
    vat_number: Number | None = Field(
        default=None, description="VAT number, with its country", examples=["DE811907980"]
    )
    registration_number: Number | None = Field(
        default=None, description="Number in the register of companies", examples=["HRB 6684"]
    )


class FiguresBody(Body):
    """What stands in a PDF, in the normal form. Scores come with the ends of their scale."""

    bureau: str | None = Field(default=None, max_length=100, description="Who issued it")
    report_date: Day = Field(description="As of which day it says so")
    company_name: str | None = Field(default=None, max_length=200, description="As the bureau knows it")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    score: str | None = Field(default=None, max_length=40, description="On the bureau's own scale", examples=["212"])
    score_worst: str | None = Field(default=None, max_length=40, description="Worst end of the scale", examples=["600"])
    score_best: str | None = Field(default=None, max_length=40, description="Best end of the scale", examples=["100"])
    failure_probability_pct: str | None = Field(default=None, max_length=40, description="Per cent, in a year")
    recommended_limit: str | None = Field(default=None, max_length=40, description="In `currency`")
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$", description="ISO 4217 code")
    rating: str | None = Field(default=None, max_length=50, description="In letters or signs")
    legal_status: LegalStatus | None = Field(default=None, description="Whether it is in business")
    payment_index: str | None = Field(default=None, max_length=40, description="How it pays, on the bureau's scale")
    payment_index_worst: str | None = Field(default=None, max_length=40, description="Worst end of that scale")
    payment_index_best: str | None = Field(default=None, max_length=40, description="Best end of that scale")


class ReportFileBody(Body):
    """A report as a file, kept exactly as it comes."""

    model_config = ConfigDict(str_strip_whitespace=False)

    format: FileFormat = Field(description="What the file is: json and csv are in the normal form")
    content: str = Field(
        min_length=1,
        max_length=CONTENT_CHARACTERS_MAX,
        description="The file: its text for json and csv (the normal form), base64 for pdf",
    )
    figures: FiguresBody | None = Field(default=None, description="For a PDF: what stands in it")


class BureauReportBody(Body):
    """A report that is wanted: bought from a bureau, or given as a file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"provider": "dun_bradstreet", "identifiers": {"duns": "804735132"}},
                {
                    "provider": "file",
                    "report": {
                        "format": "csv",
                        "content": "bureau,report_date,score,score_worst,score_best\nCreditreform,2026-02-27,212,600,100\n",
                    },
                },
            ]
        }
    )

    provider: Provider = Field(description="The bureau, or `file`")
    product: str | None = Field(default=None, max_length=64, description="The bureau's usual one by default")
    force: bool = Field(
        default=False, description="Buy although there is a fresh one, or (credit manager) above the cap"
    )
    reason: str | None = Field(default=None, max_length=4000, description="Why; needed with `force`")
    identifiers: IdentifiersBody = Field(
        default=IdentifiersBody(), description="What the company is known by at the bureau"
    )
    report: ReportFileBody | None = Field(default=None, description="The file, for provider `file`")

    @model_validator(mode="after")
    def _file_with_its_provider(self) -> Self:
        if (self.report is not None) != (self.provider == "file"):
            raise ValueError("A report is sent with provider `file`, and only with it.")
        return self


class ScoreShown(BaseModel):
    """A value on a bureau's own scale."""

    name: str = Field(description="What the bureau calls it")
    value: Decimal = Field(description="On the bureau's own scale")
    worst: Decimal = Field(description="The worst end of the scale")
    best: Decimal = Field(description="The best end of the scale")


class BureauReportSummary(BaseModel):
    """A report as it stands in a list: what is in the clear."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "bur_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "provider": "coface",
                    "product": "credit_opinion",
                    "report_date": "2026-02-27",
                    "obtained_at": "2026-03-02T08:15:00Z",
                    "obtained_by": "credit_analyst",
                    "purchase_id": "bpu_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "score": 70,
                    "recommended_limit": "120000.00",
                    "currency": "EUR",
                    "legal_status": "active",
                    "media_type": "application/json",
                }
            ]
        }
    )

    id: str = Field(description="Number of the report")
    customer_id: str = Field(description="The ERP's customer number")
    provider: Provider = Field(description="The bureau, or `file`")
    product: str = Field(description="What was bought; of a file its form")
    report_date: Day = Field(description="As of which day the bureau says so")
    obtained_at: datetime = Field(description="When it came")
    obtained_by: str = Field(description="Who ordered or sent it")
    purchase_id: str | None = Field(description="The purchase it came with; null for a file")
    score: int | None = Field(
        description="On the common scale: 0 is the worst, 100 the best; linear between the ends of the bureau's"
    )
    recommended_limit: NonNegativeAmount | None = Field(description="In `currency`")
    currency: str | None = Field(description="ISO 4217 code of the recommended limit")
    legal_status: LegalStatus = Field(description="Whether the company is in business, as far as the bureau says")
    media_type: str = Field(description="Of the report as it came")


class BureauReport(BureauReportSummary):
    """A report with all its figures."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "bur_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "provider": "coface",
                    "product": "credit_opinion",
                    "report_date": "2026-02-27",
                    "obtained_at": "2026-03-02T08:15:00Z",
                    "obtained_by": "credit_analyst",
                    "purchase_id": "bpu_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "score": 70,
                    "recommended_limit": "120000.00",
                    "currency": "EUR",
                    "legal_status": "active",
                    "media_type": "application/json",
                    "bureau_score": {"name": "Debtor Risk Assessment", "value": "7", "worst": "0", "best": "10"},
                    "rating": "@@",
                    "failure_probability_pct": "0.9",
                    "payment_index": None,
                    "company_name": None,
                    "country": "DE",
                    "company_ids": {"coface": "b0dbc487-7b21-3bad-b568-8536410cf2c9"},
                    "legal_status_text": None,
                    "content": None,
                }
            ]
        },
    )

    bureau_score: ScoreShown | None = Field(description="The score as the bureau gives it")
    rating: str | None = Field(description="A rating in letters or signs, as the bureau gives it")
    failure_probability_pct: Decimal | None = Field(description="Probability of failure within a year, per cent")
    payment_index: ScoreShown | None = Field(description="How it pays, such as PAYDEX")
    company_name: str | None = Field(description="As the bureau knows it")
    country: str | None = Field(description="ISO 3166-1 alpha-2")
    company_ids: dict[str, str] = Field(description="What the bureau knows the company by")
    legal_status_text: str | None = Field(description="What the bureau says of its state, in its own words")
    content: str | None = Field(
        default=None, description="The report as it came, where one report is asked for: text, or base64 of a PDF"
    )


class BureauPurchase(BaseModel):
    """A report that was ordered from a bureau."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "bpu_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "provider": "coface",
                    "product": "credit_opinion",
                    "status": "received",
                    "cost": "25.00",
                    "currency": "EUR",
                    "charged": True,
                    "forced": False,
                    "reason": None,
                    "ordered_by": "credit_analyst",
                    "ordered_at": "2026-03-02T08:15:00Z",
                    "sent_at": "2026-03-02T08:15:01Z",
                    "bureau_reference": "80b72744-3626-474f-b587-91d8f90d04fa",
                    "job_id": "crj_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "report_id": "bur_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "failure_code": None,
                    "failure": None,
                    "closed_at": "2026-03-02T08:15:03Z",
                }
            ]
        }
    )

    id: str = Field(description="Our reference at the bureau")
    customer_id: str = Field(description="The ERP's customer number")
    provider: Provider = Field(description="The bureau")
    product: str = Field(description="What was ordered")
    status: PurchaseStatus = Field(description="`uncertain`: sent, and nobody knows what became of it; ask the bureau")
    cost: NonNegativeAmount = Field(description="In `currency`")
    currency: str = Field(description="ISO 4217 code")
    charged: bool = Field(description="Whether the bureau may bill it, so that it counts against the cap")
    forced: bool = Field(description="Whether it was ordered in spite of a rule")
    reason: str | None = Field(description="Why it was ordered, where that was said")
    ordered_by: str = Field(description="Who ordered it")
    ordered_at: datetime = Field(description="When it was ordered; its month is the one it counts for")
    sent_at: datetime | None = Field(description="When the billed question was about to be sent")
    bureau_reference: str | None = Field(description="The bureau's own number of the order")
    job_id: str = Field(description="The job that worked on it last: GET /v1/jobs/{job_id}")
    report_id: str | None = Field(description="The report that came")
    failure_code: str | None = Field(description="Stable code of why none came")
    failure: str | None = Field(description="Why none came, and what to do")
    closed_at: datetime | None = Field(description="When it was received, failed or became uncertain")


class BureauBudget(BaseModel):
    """What may be spent at a bureau in a month, and what is spent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider": "coface",
                    "available": True,
                    "products": ["credit_opinion", "score"],
                    "month": "2026-03",
                    "monthly_cap": "500.00",
                    "spent": "75.00",
                    "currency": "EUR",
                    "fresh_days": 90,
                }
            ]
        }
    )

    provider: Literal["coface", "dun_bradstreet"] = Field(description="The bureau")
    available: bool = Field(description="Whether there are credentials for it")
    products: list[str] = Field(description="What can be bought, the usual one first")
    month: str = Field(description="YYYY-MM")
    monthly_cap: NonNegativeAmount = Field(description="In `currency`")
    spent: NonNegativeAmount = Field(description="All that was ordered in the month and is or may be billed")
    currency: str = Field(description="ISO 4217 code")
    fresh_days: int = Field(description="For how many days a report is not bought again")


def _score(score: Score | None) -> ScoreShown | None:
    return None if score is None else ScoreShown(name=score.name, value=score.value, worst=score.worst, best=score.best)


def summary(row: BureauReportRow) -> BureauReportSummary:
    """Return a report as it stands in a list."""
    limit = None
    if row.recommended_limit is not None and row.currency is not None:
        limit = Money(row.recommended_limit, row.currency).amount
    clear = row.model_dump(exclude={"figures", "raw"})
    return BureauReportSummary.model_validate(clear | {"id": row.report_id, "recommended_limit": limit})


def shown(row: BureauReportRow, report: Report, content: str | None = None) -> BureauReport:
    """Return a report with the figures that were sealed."""
    return BureauReport(
        **summary(row).model_dump(),
        bureau_score=_score(report.score),
        rating=report.rating,
        failure_probability_pct=report.failure_probability_pct,
        payment_index=_score(report.payment_index),
        company_name=report.company_name,
        country=report.country,
        company_ids=report.company_ids,
        legal_status_text=report.legal_status_text,
        content=content,
    )


def purchase_shown(row: BureauPurchaseRow) -> BureauPurchase:
    """Return a purchase as it is shown."""
    values: dict[str, Any] = row.model_dump()
    return BureauPurchase.model_validate(values | {"id": row.purchase_id, "cost": Money(row.cost, row.currency).amount})
