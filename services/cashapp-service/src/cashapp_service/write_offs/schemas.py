"""Shapes of write-offs on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.write_offs.domain.write_off import (
    WantedItem,
    WantedWriteOff,
    WriteOffAccount,
    WriteOffReason,
    WriteOffStatus,
)
from shared.days import Day
from shared.http.edge import Body
from shared.money import NonNegativeAmount, PositiveAmount
from shared.texts import Key

ITEMS_MAX = 200
Note = Annotated[str, Field(min_length=1, max_length=4000)]
_ITEM = "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"
_WRITE_OFF = "wof_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"
_SHARE: dict[str, Any] = {
    "item_id": _ITEM,
    "number": "RE-2026-00017",
    "amount": "190.00",
    "disputed_amount": "0.00",
    "recovered": "0.00",
}
_ASKED: dict[str, Any] = {
    "request_id": "wor_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "reason_code": "insolvency",
    "evidence": ["Third dunning letter of 2026-02-01", "Notice of the insolvency court, 2026-03-15"],
    "account": "bad_debt",
}


class WriteOffItemBody(Body):
    """An item to give up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"item_id": _ITEM, "amount": "190.00"}]})

    item_id: Key = Field(description="An open invoice or debit memo")
    amount: PositiveAmount | None = Field(
        default=None, description="In the item's currency; default all that is open and not waiting already"
    )


class WriteOffBody(Body):
    """Receivables to give up: items of one customer, company code and currency. Its key, where it has one, is `request_id`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_ASKED | {"items": [{"item_id": _ITEM, "amount": "190.00"}]}]}
    )

    items: list[WriteOffItemBody] = Field(min_length=1, max_length=ITEMS_MAX, description="Item by item")
    reason_code: WriteOffReason = Field(description="Why it will not be paid")
    evidence: list[Note] = Field(
        min_length=1, max_length=50, description="What was done to collect it: letters, calls, court decisions"
    )
    account: WriteOffAccount = Field(
        default="bad_debt", description="What bears the loss: the expense, or the allowance built for it"
    )
    request_id: Key | None = Field(default=None, description="The approved request that this carries out")
    note: Note | None = Field(default=None, description="In the words of who asks")

    def wanted(self) -> WantedWriteOff:
        """Return the write-off that is asked for."""
        return WantedWriteOff(
            items=tuple(WantedItem(one.item_id, one.amount) for one in self.items),
            reason_code=self.reason_code,
            evidence=tuple(self.evidence),
            account=self.account,
            request_id=self.request_id,
            note=self.note,
        )


class WriteOffApprovalBody(Body):
    """How a write-off is approved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"note": "No assets left", "posting_date": "2026-04-02"}]}
    )

    note: Note | None = Field(default=None, description="In the words of who decides")
    posting_date: Day | None = Field(default=None, description="Default today; not before the items were there")


class WriteOffRejectionBody(Body):
    """Why a write-off is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Ask the guarantor first"}]})

    note: Note = Field(description="In the words of who decides")


class WriteOffReversalBody(Body):
    """Why a posted write-off is taken back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Written off by mistake", "posting_date": "2026-04-08"}]}
    )

    reason: Note = Field(description="In the words of who takes it back")
    posting_date: Day | None = Field(default=None, description="Default today; not before the write-off")


class WriteOffItem(BaseModel):
    """What is given up of one item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHARE]})

    item_id: str = Field(description="The item")
    number: str = Field(description="The document's number")
    amount: PositiveAmount = Field(description="In the write-off's currency")
    disputed_amount: NonNegativeAmount = Field(description="Of `amount`, what was disputed when it was asked for")
    recovered: NonNegativeAmount = Field(description="Of `amount`, what was received since")


class WriteOff(BaseModel):
    """A write-off: `pending` until another person decides, posted when `approved`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ASKED
                | {
                    "id": _WRITE_OFF,
                    "version": 2,
                    "status": "approved",
                    "customer_id": "C-1001",
                    "company_code": "1000",
                    "currency": "EUR",
                    "amount": "190.00",
                    "recovered": "0.00",
                    "items": [_SHARE],
                    "note": None,
                    "requested_by": "ar_specialist",
                    "requested_at": "2026-04-01T09:00:00Z",
                    "decided_by": "controller",
                    "decided_at": "2026-04-02T09:00:00Z",
                    "decision_note": None,
                    "posted_on": "2026-04-02",
                    "reversed_on": None,
                    "reversed_by": None,
                    "reversal_reason": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    status: WriteOffStatus = Field(description="Where it stands")
    request_id: str | None = Field(description="The request that it carries out")
    customer_id: str = Field(description="The ERP's customer number")
    company_code: str = Field(description="The company of the ledger")
    currency: str = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(description="All that is given up, in `currency`")
    recovered: NonNegativeAmount = Field(description="Of `amount`, what was received since")
    items: list[WriteOffItem] = Field(description="What is given up of each item")
    account: WriteOffAccount = Field(description="What bears the loss")
    reason_code: str = Field(description="Why it will not be paid")
    evidence: list[str] = Field(description="What was done to collect it")
    note: str | None = Field(description="In the words of who asked")
    requested_by: str = Field(description="Who asked")
    requested_at: datetime = Field(description="Instant, UTC")
    decided_by: str | None = Field(description="Who approved or rejected; null until then")
    decided_at: datetime | None = Field(description="Instant, UTC; null until then")
    decision_note: str | None = Field(description="In the words of who decided")
    posted_on: date | None = Field(description="Posting date; null while nothing is posted")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    reversed_by: str | None = Field(description="Who took it back")
    reversal_reason: str | None = Field(description="Why it was taken back")


def total_recovered(items: list[WriteOffItem]) -> Decimal:
    """Return what was received for all items."""
    return sum((one.recovered for one in items), Decimal(0))
