"""Shapes of recoveries on the wire."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.recoveries.domain import RecoveryStatus, WantedRecovery
from shared.days import Day
from shared.http.edge import Body
from shared.money import PositiveAmount
from shared.texts import Key

_RECEIPT = "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"


class RecoveryBody(Body):
    """Money that came in for what was written off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"receipt_id": _RECEIPT, "amount": "50.00"}]})

    receipt_id: Key = Field(description="The receipt that pays it: of the same customer, company code and currency")
    amount: PositiveAmount | None = Field(
        default=None,
        description="In the write-off's currency; default as much as the receipt has and was not recovered",
    )
    item_id: Key | None = Field(default=None, description="Which of the write-off's items; needed where it has several")
    posting_date: Day | None = Field(
        default=None,
        description="Default the first day possible: not before the money came and the item was written off",
    )

    def wanted(self, write_off_id: str) -> WantedRecovery:
        """Return the recovery that is asked for."""
        return WantedRecovery(write_off_id=write_off_id, **self.model_dump())


class RecoveryReversalBody(Body):
    """When a recovery is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"posting_date": "2026-05-02"}]})

    posting_date: Day | None = Field(default=None, description="Default today; not before the recovery")


class Recovery(BaseModel):
    """Money of a receipt that came in for a written-off item."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "rcv_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "version": 1,
                    "status": "active",
                    "write_off_id": "wof_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "number": "RE-2026-00017",
                    "receipt_id": _RECEIPT,
                    "customer_id": "C-1001",
                    "amount": "50.00",
                    "currency": "EUR",
                    "posted_on": "2026-04-20",
                    "recorded_by": "ar_specialist",
                    "recorded_at": "2026-04-21T09:00:00Z",
                    "reversed_on": None,
                    "reversed_by": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    status: RecoveryStatus = Field(description="Whether it stands")
    write_off_id: str = Field(description="The write-off")
    item_id: str = Field(description="The written-off item")
    number: str = Field(description="The document's number")
    receipt_id: str = Field(description="The receipt that pays it")
    customer_id: str = Field(description="The ERP's customer number")
    amount: PositiveAmount = Field(description="Money of the receipt, in `currency`")
    currency: str = Field(description="ISO 4217 code")
    posted_on: date = Field(description="Posting date")
    recorded_by: str = Field(description="Who booked it")
    recorded_at: datetime = Field(description="Instant, UTC")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    reversed_by: str | None = Field(description="Who took it back")
