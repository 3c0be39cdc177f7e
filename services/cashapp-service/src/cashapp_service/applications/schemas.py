"""Shapes of applications and proposals on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.applications.domain.decision import Decision
from cashapp_service.applications.domain.plan import Wanted
from cashapp_service.receipts.schemas import MatchEvidence, ReasonCode, ReceiptView
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, NonNegativeAmount

Key = Annotated[str, Field(min_length=1, max_length=64)]
_ITEM = "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"


class AllocationBody(Body):
    """What is to be taken for one item, in the receipt's currency."""

    item_id: Key = Field(description="The item")
    amount: Amount = Field(description="Money; negative on a credit memo that is netted")
    discount: NonNegativeAmount = Field(default=Decimal(0), description="Cash discount; at most what the terms grant")
    tolerance_write_off: NonNegativeAmount = Field(
        default=Decimal(0), description="Small difference that is written off, within the tolerances"
    )
    shortfall: Literal["partial", "residual", "dispute"] | None = Field(
        default=None,
        description="The rest stays open (`partial`, the default), is carried into a residual item, or is disputed."
        " A reason code alone means `dispute`",
    )
    reason_code: ReasonCode | None = Field(default=None, description="Why it is less")

    def wanted(self) -> Wanted:
        """Return the allocation that is asked for."""
        disputed = "dispute" if self.reason_code and self.shortfall is None else self.shortfall
        return Wanted(**self.model_dump(exclude={"shortfall"}), shortfall=disputed)


class ApplicationBody(Body):
    """How a receipt is to be applied."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"allocations": [{"item_id": _ITEM, "amount": "1166.20", "discount": "23.80"}]},
                {"allocations": [{"item_id": _ITEM, "amount": "1000.00", "reason_code": "damage"}]},
            ]
        }
    )

    allocations: list[AllocationBody] = Field(default=[], max_length=1000, description="Item by item")
    on_account: NonNegativeAmount = Field(default=Decimal(0), description="Unapplied money to put on account")
    customer_id: Key | None = Field(
        default=None, description="Whose receipt it is, where the payer is unidentified; default the items' customer"
    )
    posting_date: Day | None = Field(
        default=None,
        description="Default the first day possible: the latest of the receipt's value date, the items' issue dates,"
        " and the days on which the receipt or an item was reopened; not before it",
    )

    def decision(self) -> Decision:
        """Return the decision that is asked for."""
        return Decision(
            wanted=tuple(one.wanted() for one in self.allocations),
            on_account=self.on_account,
            customer_id=self.customer_id,
            posting_date=self.posting_date,
        )


class ReversalBody(Body):
    """When a reversal is posted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"posting_date": "2026-04-02"}]})

    posting_date: Day | None = Field(default=None, description="Default today; not before the application")


class IdentificationBody(Body):
    """Whose receipt it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": "C-1001"}]})

    customer_id: Key = Field(description="The ERP's customer number")


class AllocationView(BaseModel):
    """What was taken for one item."""

    item_id: str = Field(description="The item")
    number: str = Field(description="The document's number")
    amount: NonNegativeAmount = Field(description="Money of the receipt")
    credit: Amount = Field(description="Of credit memos netted in the same application; negative on the memo itself")
    discount: NonNegativeAmount = Field(description="Cash discount, in the same currency")
    tolerance_write_off: NonNegativeAmount = Field(description="Small difference written off, in the same currency")
    shortfall: Literal["partial", "residual", "dispute"] | None = Field(description="What becomes of the rest")
    shortfall_amount: NonNegativeAmount = Field(description="What was left of the item then")
    residual_item_id: str | None = Field(description="The item that stands for the rest")
    reason_code: str | None = Field(description="Why it is less")


class ApplicationView(BaseModel):
    """An application, with its receipt as it is afterwards. All amounts in `currency`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "status": "active",
                    "posting_date": "2026-03-31",
                    "currency": "EUR",
                    "amount": "1166.20",
                    "on_account": "0.00",
                    "allocations": [],
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    receipt_id: str = Field(description="The receipt")
    customer_id: str = Field(description="Whose receipt it is")
    status: Literal["active", "reversed"] = Field(description="Where it stands")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    currency: str = Field(description="ISO 4217 code")
    amount: NonNegativeAmount = Field(description="Money applied to items")
    on_account: NonNegativeAmount = Field(description="Money put on account")
    method: str = Field(description="How it was found: `manual`, or the method of matching")
    applied_by: str = Field(description="Who applied it")
    applied_at: datetime = Field(description="Instant, UTC")
    allocations: list[AllocationView] = Field(description="Item by item")
    receipt: ReceiptView = Field(description="The receipt as it is afterwards")


class ProposedAllocation(BaseModel):
    """What a proposal takes for one item."""

    item_id: str = Field(description="The item")
    amount: Amount = Field(description="Money; negative on a credit memo that is netted")
    discount: NonNegativeAmount = Field(description="Cash discount, in the same currency")
    shortfall: Literal["partial", "dispute"] | None = Field(description="What becomes of the rest")
    reason_code: str | None = Field(description="Why it is less")


class ProposalView(BaseModel):
    """One way to apply a receipt. Allocations and `on_account` come to what is left of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "allocations": [{"item_id": _ITEM, "amount": "1190.00", "discount": "0.00"}],
                    "on_account": "0.00",
                    "confidence": "0.97",
                    "automatic": True,
                    "method": "named_exact",
                    "explanation": [{"detail": "RE-2026-00017 is named.", "supports": True}],
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    allocations: list[ProposedAllocation] = Field(description="Item by item")
    on_account: NonNegativeAmount = Field(description="What of the receipt would stay on account, in its currency")
    confidence: Decimal = Field(description="0 to 1", json_schema_extra={"examples": ["0.97"]})
    automatic: bool = Field(description="Whether it is sure enough to be applied without a person")
    method: str = Field(description="Which way of matching found it")
    explanation: list[MatchEvidence] = Field(description="What spoke for it and against it")


class Proposals(BaseModel):
    """Proposals, the surest first."""

    data: list[ProposalView] = Field(description="The rows")
