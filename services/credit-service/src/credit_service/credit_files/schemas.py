"""The credit file on the wire: one field for each part."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.attachments.schemas import Attachment
from credit_service.bureau_reports.schemas import BureauReportSummary
from credit_service.credit_accounts.schemas import LimitChange
from credit_service.credit_assessments.schemas import CreditAssessment
from credit_service.credit_decisions.schemas import RecordedDecision
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.credit_insurance.schemas import CreditInsurance, InsuranceAlarm
from credit_service.customers.schemas import Customer
from credit_service.exposure.schemas import EXAMPLE, Credit
from credit_service.financial_statements.schemas import FinancialStatement
from credit_service.guarantees.schemas import GuaranteeShown
from credit_service.holds.schemas import HoldShown
from credit_service.journal.schemas import JournalEntry
from credit_service.limit_requests.schemas import LimitRequest
from credit_service.notes.schemas import Note
from credit_service.recommendations.schemas import Recommendation
from credit_service.reviews.schemas import Review

_NEWEST = f"the newest {SHOWN_MAX}, newest first"


class CreditFileParts(BaseModel):
    """What belongs to a credit file beside the customer and its account; each part has a list of its own with all of it."""

    assessments: list[CreditAssessment] = Field(description=f"Credit assessments with their factors, {_NEWEST}")
    bureau_reports: list[BureauReportSummary] = Field(
        description=f"Bureau reports without their contents, which are read one by one, {_NEWEST}"
    )
    financial_statements: list[FinancialStatement] = Field(
        description=f"Financial statements with their ratios, the latest {SHOWN_MAX}, latest period first"
    )
    insurance_alarms: list[InsuranceAlarm] = Field(description=f"Alarms of the credit insurance, {_NEWEST}")
    guarantees: list[GuaranteeShown] = Field(description=f"Guarantees, running and ended, the {SHOWN_MAX} changed last")
    limit_changes: list[LimitChange] = Field(description=f"The journal of the limit, {_NEWEST}")
    limit_requests: list[LimitRequest] = Field(description=f"Limits asked for, {_NEWEST}")
    decisions: list[RecordedDecision] = Field(description=f"Decisions on orders, {_NEWEST}")
    holds: list[HoldShown] = Field(description=f"Order holds, open and ended, {_NEWEST}")
    recommendations: list[Recommendation] = Field(description=f"What was recommended and decided, {_NEWEST}")
    reviews: list[Review] = Field(description=f"Reviews, {_NEWEST}")
    notes: list[Note] = Field(description=f"Notes, {_NEWEST}")
    attachments: list[Attachment] = Field(description=f"Files, without their contents, {_NEWEST}")


ON_FILE: dict[str, Any] = {
    "customer": {
        "customer_id": "C-1",
        "version": 1,
        "name": "Nordlicht Handel",
        "country": "DE",
        "currency": "EUR",
        "payment_terms": "net 30",
    },
    "credit": EXAMPLE,
    "credit_insurance": None,
    **{part: [] for part in CreditFileParts.model_fields},
    "changes": [],
    "readings": [],
    "read_at": "2026-03-02T08:15:00Z",
    "read_position": 8,
}


class CreditFile(CreditFileParts):
    """All that is known of a customer's credit, with what was ever decided or attached and who read it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ON_FILE]})

    customer: Customer = Field(description="Its master data, with bank accounts and tax id as the caller may see them")
    credit: Credit = Field(description="The credit account as it stands")
    credit_insurance: CreditInsurance | None = Field(description="The insurance as it stands; null without one")
    changes: list[JournalEntry] = Field(description=f"Who changed what, {_NEWEST}")
    readings: list[JournalEntry] = Field(description=f"Who read the file or a part of it before, {_NEWEST}")
    read_at: datetime = Field(description="When it was read just now")
    read_position: int = Field(description="Position of the journal entry that tells of this reading")
