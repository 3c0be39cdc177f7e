"""Shapes of the worklist on the wire."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.http.pagination import Page
from shared.money import Amount, NonNegativeAmount


class WorklistReason(BaseModel):
    """One rule of the strategy that matched."""

    rule: str = Field(description="Its name in the strategy")
    points: int = Field(description="What it adds to the priority")
    detail: str = Field(description="What spoke for it")


class WorklistEntry(BaseModel):
    """One customer in one currency; one that owes in two has two entries."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "name": "Nordlicht Handel",
                    "collector": "collector",
                    "risk_class": "C",
                    "priority": 20,
                    "reasons": [
                        {"rule": "past_due_amount", "points": 10, "detail": "1190.00 EUR past due"},
                        {"rule": "no_contact", "points": 10, "detail": "Never contacted"},
                    ],
                    "currency": "EUR",
                    "past_due": "1190.00",
                    "collectible": "1100.00",
                    "oldest_due_date": "2026-10-31",
                    "open_promises": "0.00",
                    "broken_promises": 0,
                    "disputes": 0,
                    "disputed": "0.00",
                    "unapplied": "90.00",
                    "holds": 1,
                    "last_contact": None,
                    "next_action": None,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    name: str | None = Field(description="Null until its master data is known here")
    collector: str | None = Field(description="The user who collects from it")
    risk_class: str | None = Field(description="A to E, as credit-service has it")
    priority: int = Field(description="The sum of the reasons' points")
    reasons: list[WorklistReason] = Field(description="The rules that matched")
    currency: str = Field(description="Of all amounts of this entry")
    past_due: Amount = Field(description="Items due before the day less credit memos, in `currency`")
    collectible: NonNegativeAmount = Field(
        description="Overdue and due less open promises, disputed amounts and unapplied cash, in `currency`; never below zero"
    )
    oldest_due_date: date | None = Field(description="Of the open items, whether it has passed or not")
    open_promises: NonNegativeAmount = Field(description="Promised and not come, in `currency`")
    broken_promises: int = Field(description="Promises of the last 365 days that were not or only partly kept in time")
    disputes: int = Field(description="Open dispute cases in `currency`")
    disputed: NonNegativeAmount = Field(description="Disputed of what is due, in `currency`")
    unapplied: Amount = Field(description="Money on account or not yet applied, in `currency`")
    holds: int = Field(description="Orders in `currency` that the credit check holds")
    last_contact: date | None = Field(description="Day of the last activity that is not a note")
    next_action: date | None = Field(
        description="Day planned for the next step, else by the strategy's follow-up interval"
    )


class Worklist(Page[WorklistEntry]):
    """A page of the worklist."""

    as_of: date = Field(description="YYYY-MM-DD; the day it is for")
