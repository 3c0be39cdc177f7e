"""Shapes of the worklist of holds on the wire."""

from datetime import date
from typing import Any

from pydantic import ConfigDict, Field

from credit_service.credit_accounts.domain import Account
from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_decisions.domain.remedies import Remedies, remedies
from credit_service.holds.schemas import EXAMPLE, HoldHistoryLine, HoldShown
from credit_service.holds.use_cases import ListedHold
from credit_service.orders.domain import Order
from shared.days import days_late
from shared.money import Amount, Money, NonNegativeAmount

WAITING: dict[str, Any] = EXAMPLE | {
    "amount": "400.00",
    "currency": "EUR",
    "open_amount": "400.00",
    "age_days": 3,
    "customer_name": "Nordlicht Handel",
    "credit_analyst": "n.berg",
    "risk_class": "C",
    "account_currency": "EUR",
    "order_value": "400.00",
    "exposure": "700.00",
    "credit_limit": "1000.00",
    "available": "300.00",
    "what_would_release": {
        "payment": {"kind": "payment", "amount": "100.00", "currency": "EUR", "customer_id": None},
        "limit": {"kind": "limit", "amount": "1100.00", "currency": "EUR", "customer_id": "C-1"},
        "reduction": {"kind": "reduction", "amount": "300.00", "currency": "EUR", "customer_id": None},
    },
}


class HeldOrder(HoldShown):
    """A hold with what an analyst has to know to decide it."""

    model_config = ConfigDict(title="HeldOrder", json_schema_extra={"examples": [WAITING]})

    amount: NonNegativeAmount = Field(description="Value of the whole order, in `currency`")
    currency: str = Field(description="The order's")
    open_amount: NonNegativeAmount = Field(description="Neither delivered nor invoiced, in `currency`")
    age_days: int = Field(description="Days since it was opened, as of the day asked for; of a decided one, until then")
    customer_name: str = Field(description="As the customer is called every day")
    credit_analyst: str | None = Field(description="User who watches the credit")
    risk_class: str = Field(description="A (best) to E")
    account_currency: str = Field(description="The amounts below are in it")
    order_value: NonNegativeAmount = Field(description="Value of the whole order, at the rate of its check")
    exposure: Amount = Field(description="What counts against the limit now")
    credit_limit: NonNegativeAmount | None = Field(description="What may be owed as of that day; null where unmanaged")
    available: Amount | None = Field(
        description="What is left, of a shared limit too; null where the limit is unmanaged or the hold is decided"
    )
    what_would_release: Remedies | None = Field(
        description="What would let the order go by itself; null where the hold is decided"
    )


class HoldDetail(HeldOrder):
    """A hold with its history."""

    model_config = ConfigDict(title="HoldDetail", json_schema_extra={"examples": [WAITING | {"history": []}]})

    history: list[HoldHistoryLine] = Field(description="Oldest first")


def fields(
    listed: ListedHold,
    order: Order,
    account: Account,
    decided: Decided | None,
    *,
    name: str,
    credit_analyst: str | None,
    as_of: date,
) -> dict[str, Any]:
    """Return what is shown of a hold; `decided` is the look at it as of that day, None where it waits no more."""
    hold = listed.shown
    available = decided.available_after if decided else None
    limit = account.limit.effective(as_of)
    return hold.model_dump() | {
        "amount": Money(order.amount, order.currency).amount,
        "currency": order.currency,
        "open_amount": Money(order.open_amount, order.currency).amount,
        "age_days": days_late(hold.opened_on, hold.decided_at.date() if hold.decided_at else as_of),
        "customer_name": name,
        "credit_analyst": credit_analyst,
        "risk_class": account.risk_class,
        "account_currency": account.currency,
        "order_value": Money(listed.order_value, account.currency).amount,
        "exposure": Money(account.exposure.total, account.currency).amount,
        "credit_limit": None if limit is None else Money(limit, account.currency).amount,
        "available": None if available is None else available.amount,
        "what_would_release": _ways_out(decided) if decided else None,
    }


def _ways_out(decided: Decided) -> Remedies:
    return remedies(decided.facts, decided.policy.content, decided.checkpoints, customer_id=decided.order.customer_id)
