"""Shapes of disputes on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from dispute_service.disputes.domain.case import Opening
from dispute_service.disputes.domain.reason import CODE_PATTERN, Priority
from shared.days import Day
from shared.events.dispute import DisputedItem, DisputeStatus, Outcome, Resolution
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount
from shared.texts import Key, plainly_named

BATCH_MAX = 500
BATCH_ITEMS_MAX = 1_000
"""Items of all cases of a batch together: each is locked."""

Code = Annotated[
    str, Field(pattern=CODE_PATTERN, description="One word, kept in small letters"), AfterValidator(str.lower)
]
User = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
_Claim = Annotated[str, Field(max_length=200), AfterValidator(plainly_named)]


def _example(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class DisputedItemBody(Body):
    """An item and how much of it is claimed."""

    item_id: Key
    disputed_amount: PositiveAmount | None = Field(
        default=None, description="In the item's currency; all that nobody disputes yet where left out"
    )


class DisputeBody(Body):
    """A claim as the customer makes it."""

    model_config = _example(
        customer_id="C-1001",
        items=[{"item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f", "disputed_amount": "50.00"}],
        reason_code="price",
        description="Billed at the old list price.",
        source="call",
    )

    customer_id: Key
    items: list[DisputedItemBody] = Field(min_length=1, max_length=100)
    currency: CurrencyCode | None = Field(default=None, description="The items' currency, checked where sent")
    reason_code: Code
    description: str = Field(default="", max_length=4000, description="The claim in the customer's words")
    source: Literal["call", "short_payment", "debit_claim", "portal"] = "call"
    claim_reference: _Claim | None = Field(default=None, description="The customer's own number of the claim")
    contact: str | None = Field(default=None, max_length=200, description="Who says so at the customer")
    priority: Priority | None = Field(default=None, description="That of the reason's family where left out")
    coordinator: User | None = Field(default=None, description="Who owns the outcome")
    processor: User | None = Field(default=None, description="Who works on it")
    opened_on: Day | None = Field(default=None, lt=date(9000, 1, 1), description="Today where left out")

    @field_validator("items")
    @classmethod
    def _each_item_once(cls, items: list[DisputedItemBody]) -> list[DisputedItemBody]:
        if len({item.item_id for item in items}) < len(items):
            raise PydanticCustomError("item_twice", "Name each item once.")
        return items

    def opening(self, today: date) -> Opening:
        """Return what the case is opened with."""
        content = self.model_dump(exclude={"items", "currency", "opened_on"})
        return Opening(opened_on=self.opened_on or today, **content)


class DisputeBatchBody(Body):
    """Claims to open in one transaction; each is taken or refused by itself."""

    model_config = _example(
        disputes=[
            {
                "customer_id": "C-1001",
                "items": [{"item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f", "disputed_amount": "50.00"}],
                "reason_code": "price",
            }
        ]
    )

    disputes: list[Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/DisputeBody"})]] = Field(
        min_length=1,
        max_length=BATCH_MAX,
        description=f"The claims, each as in POST /v1/disputes, with at most {BATCH_ITEMS_MAX} items in all",
    )


class AssignBody(Body):
    """Who owns the outcome and who works on it."""

    model_config = _example(processor="lena.vogt")

    coordinator: User | None = Field(default=None, description="Left as it is where left out")
    processor: User | None = Field(default=None, description="Left as it is where left out")


class WaitBody(Body):
    """Whom the case waits for."""

    model_config = _example(waiting_for="customer", note="Asked for photographs of the damage.")

    waiting_for: Literal["customer", "internal"]
    note: Text | None = None


class OptionalNoteBody(Body):
    """A note to the change."""

    model_config = _example(note="Rebilled with invoice 4711.")

    note: Text | None = None


class NoteBody(Body):
    """A note."""

    model_config = _example(text="The customer sends the delivery note tomorrow.")

    text: Text


class EscalateBody(Body):
    """Why somebody else has to decide."""

    model_config = _example(to="head.of.sales", reason="Claim above the agreed price list.")

    to: User | None = Field(default=None, description="The person responsible")
    reason: Text


class ReasonBody(Body):
    """Why."""

    model_config = _example(reason="Opened twice.")

    reason: Text


class ResolveBody(Body):
    """A decision."""

    model_config = _example(
        outcome="valid",
        resolution="credit_memo",
        amount="50.00",
        root_cause="price_list_not_updated",
        note="Old price confirmed by sales.",
    )

    outcome: Outcome
    resolution: Resolution = Field(description="An invalid claim ends with collect, and only that one")
    amount: NonNegativeAmount | None = Field(
        default=None,
        description="What is granted, in the case's currency: all of a valid claim, a part of a partially valid one; "
        "for an invalid claim what is to be collected. All that is disputed where left out",
    )
    root_cause: Code | None = Field(default=None, description="What it was, as opposed to what the customer says")
    note: Text | None = None
    resolved_on: Day | None = Field(default=None, description="Today where left out; not before the case was opened")


class DisputeSummary(BaseModel):
    """A dispute in a list."""

    model_config = _example(
        id="dsp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
        number="DSP-000123",
        customer_id="C-1001",
        status="new",
        reason_code="price",
        reason_family="price",
        source="call",
        description="Billed at the old list price.",
        priority="high",
        opened_on="2026-03-02",
        opened_by="collector",
        due_on="2026-03-12",
        currency="EUR",
        disputed_amount="50.00",
        items=[
            {
                "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                "number": "4711",
                "original_amount": "50.00",
                "disputed_amount": "50.00",
                "credited_amount": "0.00",
                "paid_amount": "0.00",
                "denied_amount": "0.00",
            }
        ],
        version=1,
    )

    id: str
    number: str = Field(description="The number by which people know it")
    customer_id: str
    status: DisputeStatus
    reason_code: str = Field(description="What the customer says")
    reason_family: str
    description: str
    source: str
    claim_reference: str | None = None
    contact: str | None = None
    priority: Priority
    opened_on: date
    opened_by: str
    due_on: date = Field(description="The day by which the customer is to have an answer")
    coordinator: str | None = None
    processor: str | None = None
    person_responsible: str | None = None
    currency: str
    disputed_amount: NonNegativeAmount = Field(description="What is still disputed, in `currency`")
    items: list[DisputedItem] = Field(description="original = disputed + credited + paid + denied, for each item")
    outcome: Outcome | None = None
    resolution: Resolution | None = None
    resolved_amount: NonNegativeAmount | None = Field(default=None, description="As decided, in `currency`")
    resolved_on: date | None = None
    root_cause: str | None = Field(default=None, description="What it was")
    version: int = Field(description="Grows by one with each change; the ETag")


class DisputeBatch(BaseModel):
    """The result of each claim, in order: its case, or its own problem."""

    results: list[DisputeSummary | Problem] = Field(description="In the order of the claims")


class HistoryLine(BaseModel):
    """What was done with a case."""

    at: datetime
    by: str = Field(description="The user, or openitem where it happened by itself")
    action: str
    from_status: str | None
    to_status: str
    detail: str | None


class Dispute(DisputeSummary):
    """A dispute case with its history."""

    history: list[HistoryLine] = Field(description="Who did what and when, oldest first")
    allowed_actions: list[str] = Field(description="What its status allows")
