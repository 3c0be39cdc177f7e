"""Queries of credit decisions, set-based.

The busiest call writes a decision, its order, the order's history, the account's reservation and the event in one statement,
put together of the steps that their owners state.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.credit_accounts import repository as credit_accounts
from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_decisions.domain.made import Choice, MadeDecision
from credit_service.credit_decisions.domain.stored import as_document
from credit_service.credit_decisions.tables import CreditDecisionRow, made
from credit_service.orders import repository as orders
from credit_service.orders.repository import OrderChange, OrderTakenError
from shared import outbox
from shared.answers import KeyedRequest, StoredAnswer
from shared.database import DriverStatement
from shared.events.envelope import WrittenEvent
from shared.http import idempotency
from shared.values import value

_DECIDED = {
    "decided": "text",
    "as_of": "date",
    "checkpoints": "jsonb",
    "facts": "jsonb",
    "risk_class": "text",
    "policy_version": "int",
    "answer": "text",
    "by_person": "boolean",
}
_SAVE = DriverStatement(
    f"with {orders.save_steps(beside=_DECIDED)}, "
    "decided as (insert into credit_decisions (decision_id, order_id, customer_id, decision, as_of, checkpoints, facts, "
    "risk_class, policy_version, answer, decided_by, by_person, decided_at) "
    "select decision_id, order_id, customer_id, decided, as_of, checkpoints, facts, risk_class, policy_version, answer, actor, "
    "by_person, cast(:at as timestamptz) from changed), "
    f"moved as ({credit_accounts.SAVE_OPEN_ORDERS}), "
    f"told as ({outbox.APPEND}), "
    f"kept as ({idempotency.STORE_MANY}) "
    "select count(*) from saved"
)
_FEW = 1_000
_ANSWERS = text("select decision_id, answer from credit_decisions where decision_id = any(:ids)")


@value(frozen=True, slots=True)
class Recorded:
    """A decision, the answer given, and who asked or decided."""

    decided: Decided
    answer: str
    actor: str
    note: str
    request_id: str | None = None


async def save(
    session: AsyncSession,
    records: Sequence[Recorded],
    *,
    events: Sequence[WrittenEvent],
    keyed: Mapping[KeyedRequest, StoredAnswer],
    at: datetime,
) -> None:
    """Write decisions with their facts, their orders, what is reserved on their accounts, events, and answers under their
    keys, in one statement.
    """
    changes = [OrderChange(one.decided.order, one.actor, one.note) for one in records]
    accounts = {one.decided.account.customer_id: one.decided.account for one in records}
    parameters = orders.saved_columns(changes, at=at)
    parameters |= credit_accounts.open_orders_columns(list(accounts.values()))
    parameters |= outbox.columns(events) | idempotency.columns(keyed)
    (saved,) = await _SAVE.run(session, parameters | _columns(records))
    if saved[0] != len(changes):
        raise OrderTakenError


def _columns(records: Sequence[Recorded]) -> dict[str, Any]:
    decided = [record.decided for record in records]
    return {
        "decided": [one.verdict.decision for one in decided],
        "as_of": [one.facts.as_of for one in decided],
        "checkpoints": [_text(sorted(one.checkpoints)) for one in decided],
        "facts": [_text(as_document(one.facts)) for one in decided],
        "risk_class": [one.policy.risk_class for one in decided],
        "policy_version": [one.policy.version for one in decided],
        "answer": [record.answer for record in records],
        "by_person": [one.by_person for one in decided],
    }


def _text(document: Any) -> str:
    return msgspec.json.encode(document).decode()


async def answers(session: AsyncSession, decision_ids: Iterable[str]) -> dict[str, str]:
    """Return the answers given with these decisions."""
    rows = await session.execute(_ANSWERS, {"ids": list(decision_ids)})
    return {row[0]: row[1] for row in rows}


async def newest(session: AsyncSession, customer_id: str, *, count: int) -> Sequence[CreditDecisionRow]:
    """Return a customer's newest decisions."""
    mine = select(CreditDecisionRow).where(col(CreditDecisionRow.customer_id) == customer_id)
    statement = mine.order_by(col(CreditDecisionRow.decision_id).desc()).limit(count)
    return (await session.scalars(statement)).all()


async def find(session: AsyncSession, decision_id: str) -> CreditDecisionRow | None:
    """Return a decision's row."""
    return await session.get(CreditDecisionRow, decision_id)


def matching(*, customer_id: str | None = None, decision_ids: Sequence[str] | None = None) -> Select[Any]:
    """Return the statement that lists decisions, of a customer or those given."""
    statement = select(CreditDecisionRow)
    if customer_id is not None:
        statement = statement.where(col(CreditDecisionRow.customer_id) == customer_id)
    return statement if decision_ids is None else statement.where(col(CreditDecisionRow.decision_id).in_(decision_ids))


async def made_decisions(session: AsyncSession, choice: Choice) -> AsyncIterator[MadeDecision]:
    """Yield decisions in the order in which they were made; they are read a few at a time."""
    statement = _chosen(choice).order_by(col(CreditDecisionRow.decision_id)).limit(_FEW)
    after = ""
    while rows := (await session.scalars(statement.where(col(CreditDecisionRow.decision_id) > after))).all():
        for row in rows:
            # Let go of at once, or a long run would keep all that it has read.
            session.expunge(row)
            yield made(row)
        after = rows[-1].decision_id


def _chosen(choice: Choice) -> Select[Any]:
    statement = matching(customer_id=choice.customer_id)
    if choice.risk_class is not None:
        statement = statement.where(col(CreditDecisionRow.risk_class) == choice.risk_class)
    if choice.since is not None:
        statement = statement.where(col(CreditDecisionRow.as_of) >= choice.since)
    if choice.until is not None:
        statement = statement.where(col(CreditDecisionRow.as_of) <= choice.until)
    if choice.by_rules_only:
        statement = statement.where(col(CreditDecisionRow.by_person).is_(False))
    if choice.sample_pct < 100:
        part = func.abs(func.hashtext(col(CreditDecisionRow.decision_id)) % 100)
        statement = statement.where(part < choice.sample_pct)
    return statement
