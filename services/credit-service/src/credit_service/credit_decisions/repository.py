"""Queries of credit decisions, set-based."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_decisions.domain.facts import as_document

_SAVE = text(
    "insert into credit_decisions (decision_id, order_id, customer_id, decision, as_of, checkpoints, facts, risk_class, "
    "policy_version, answer, decided_by, by_person, decided_at) "
    "select *, :at from unnest(cast(:ids as text[]), cast(:orders as text[]), cast(:customers as text[]), "
    "cast(:decisions as text[]), cast(:days as date[]), cast(:checkpoints as jsonb[]), cast(:facts as jsonb[]), "
    "cast(:classes as text[]), cast(:versions as int[]), cast(:answers as text[]), cast(:who as text[]), "
    "cast(:persons as boolean[]))"
)
_ANSWERS = text("select decision_id, answer from credit_decisions where decision_id = any(:ids)")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision, the answer given, and who asked or decided."""

    decided: Decided
    answer: str
    actor: str
    note: str


async def save(session: AsyncSession, records: Sequence[Recorded], *, at: datetime) -> None:
    """Store decisions with their facts."""
    decided = [record.decided for record in records]
    await session.execute(
        _SAVE,
        {
            "ids": [one.decision_id for one in decided],
            "orders": [one.order.order_id for one in decided],
            "customers": [one.order.customer_id for one in decided],
            "decisions": [one.verdict.decision for one in decided],
            "days": [one.facts.as_of for one in decided],
            "checkpoints": [json.dumps(sorted(one.checkpoints)) for one in decided],
            "facts": [json.dumps(as_document(one.facts)) for one in decided],
            "classes": [one.policy.risk_class for one in decided],
            "versions": [one.policy.version for one in decided],
            "answers": [record.answer for record in records],
            "who": [record.actor for record in records],
            "persons": [one.by_person for one in decided],
            "at": at,
        },
    )


async def answers(session: AsyncSession, decision_ids: Iterable[str]) -> dict[str, str]:
    """Return the answers given with these decisions."""
    rows = await session.execute(_ANSWERS, {"ids": list(decision_ids)})
    return {row[0]: row[1] for row in rows}
