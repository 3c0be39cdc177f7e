"""Shapes of submissions on the wire."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.submissions.domain import Channel, ReasonCode, Report, SubmissionStatus
from shared.days import Day
from shared.events.cashapp import ItemKind
from shared.http.edge import Body
from shared.money import Amount
from shared.texts import Key, Reference

MAILED_MAX = 1000


class SubmissionBody(Body):
    """What is known of a document's submission.

    The same channel and reference mean the same submission, which moves forward; a report without a reference is about the
    latest submission of its channel that is on its way. Everything else is a new submission, such as another try.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"channel": "portal", "status": "submitted", "reference": "ARIBA-4711", "submitted_on": "2026-03-02"}
            ]
        }
    )

    channel: Channel = Field(description="How it was sent")
    status: SubmissionStatus = Field(default="submitted", description="How far it is")
    reference: Reference | None = Field(default=None, description="The channel's own name for this submission")
    failure_reason: str | None = Field(
        default=None, min_length=1, max_length=400, description="Why it failed, in the portal's or the customer's words"
    )
    submitted_on: Day | None = Field(default=None, description="YYYY-MM-DD on which it was sent; default today")
    status_on: Day | None = Field(default=None, description="YYYY-MM-DD on which the status was reached; default today")

    def report(self, today: date) -> Report:
        """Return the report; what names no day is of `today`, or of the day of sending where that lies ahead."""
        submitted_on = self.submitted_on or min(self.status_on or today, today)
        return Report(
            channel=self.channel,
            status=self.status,
            reference=self.reference,
            failure_reason=self.failure_reason,
            submitted_on=submitted_on,
            status_on=self.status_on or (submitted_on if self.status == "submitted" else max(today, submitted_on)),
        )


class SubmissionStep(BaseModel):
    """A status that a submission reached."""

    status: SubmissionStatus = Field(description="The status")
    status_on: date = Field(description="Day on which it was reached")
    failure_reason: str | None = Field(description="Why it failed")
    recorded_at: datetime = Field(description="Instant, UTC")
    recorded_by: str | None = Field(description="Who recorded it")


class Submission(BaseModel):
    """One sending of a document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "sbm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "position": 1,
                    "channel": "portal",
                    "status": "failed",
                    "reference": "ARIBA-4711",
                    "failure_reason": "Purchase order 4500012 is closed",
                    "submitted_on": "2026-03-02",
                    "status_on": "2026-03-03",
                    "steps": [],
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    item_id: str = Field(description="The document's item, of one in instalments the first")
    position: int = Field(description="Which sending of the document it is, from 1")
    channel: Channel = Field(description="How it was sent")
    status: SubmissionStatus = Field(description="How far it is")
    reference: str | None = Field(description="The channel's own name for this submission")
    failure_reason: str | None = Field(description="Why it failed")
    submitted_on: date = Field(description="Day on which it was sent")
    status_on: date = Field(description="Day on which the status was reached")
    steps: list[SubmissionStep] = Field(description="Every status it went through, the oldest first")


class MailedBody(Body):
    """Documents that were sent by post, by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"item_ids": ["itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"], "mailed_on": "2026-03-02"}]
        }
    )

    item_ids: list[Key] = Field(min_length=1, max_length=MAILED_MAX, description="Items of the documents")
    mailed_on: Day = Field(description="YYYY-MM-DD on which they were taken to the post")
    reference: Reference | None = Field(default=None, description="Such as the number of the posting list")


class MailedItem(BaseModel):
    """What became of one of the items."""

    item_id: str = Field(description="As asked for")
    result: Literal["marked", "unchanged", "not_found"] = Field(description="`unchanged`: it was marked before")


class Mailed(BaseModel):
    """What became of each item."""

    results: list[MailedItem] = Field(description="In the order of the items")


class Obstacle(BaseModel):
    """Something that keeps a document from its customer, or its customer from paying it."""

    code: ReasonCode = Field(description="What it is")
    detail: str = Field(description="In words")


class UndeliveredItem(BaseModel):
    """An open document that its customer does not have."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "number": "RE-2026-00017",
                    "kind": "invoice",
                    "company_code": "1000",
                    "customer_id": "C-1001",
                    "customer_name": "Nordlicht Handel",
                    "issue_date": "2026-03-01",
                    "due_date": "2026-03-31",
                    "amount": "1190.00",
                    "balance": "1190.00",
                    "currency": "EUR",
                    "submission": "failed",
                    "deliver_by": "2026-03-03",
                    "days_late": 4,
                    "obstacles": [{"code": "portal_rejected", "detail": "Purchase order 4500012 is closed"}],
                }
            ]
        }
    )

    item_id: str = Field(description="The document's item, of one in instalments the first")
    number: str = Field(description="The document's number")
    kind: ItemKind = Field(description="What sort of document it is")
    company_code: str = Field(description="The company of the ledger")
    customer_id: str = Field(description="The ERP's customer number")
    customer_name: str | None = Field(description="As it is called every day")
    issue_date: date = Field(description="YYYY-MM-DD")
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    balance: Amount = Field(description="What is open, in `currency`")
    currency: str = Field(description="ISO 4217 code")
    po_number: str | None = Field(description="The customer's purchase order")
    submission: Literal["pending", "submitted", "failed"] = Field(description="How far its latest submission is")
    deliver_by: date = Field(description="Last day on which it is delivered in time")
    days_late: int = Field(description="Days past `deliver_by` on `as_of`; zero up to that day")
    required_channel: str | None = Field(description="How the customer takes documents")
    portal: str | None = Field(description="Where the customer wants them entered")
    channel: str | None = Field(description="How it was sent last")
    reference: str | None = Field(description="The channel's own name for that submission")
    submitted_on: date | None = Field(description="When it was sent last")
    obstacles: list[Obstacle] = Field(description="What stands in the way")
