"""Queries of drafts. Who changes one has locked it."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.policy_drafts.domain import Draft
from credit_service.policy_drafts.tables import PolicyDraftRow, draft_of, row_of


async def find(session: AsyncSession, draft_id: str, *, lock: bool = False) -> Draft | None:
    """Return a draft as it is now, with `lock` until the end of the transaction."""
    row = await session.get(PolicyDraftRow, draft_id, populate_existing=True, with_for_update=lock or None)
    return draft_of(row) if row else None


async def save(session: AsyncSession, draft: Draft) -> None:
    """Write a draft."""
    await session.merge(row_of(draft))
    await session.flush()


def of_class(risk_class: str) -> Select[Any]:
    """Return the statement that lists the drafts of a risk class."""
    return select(PolicyDraftRow).where(col(PolicyDraftRow.risk_class) == risk_class)
