"""Queries and locks of recommendations. The account is locked before the recommendation."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.recommendations.tables import RecommendationRow


async def find(session: AsyncSession, recommendation_id: str) -> RecommendationRow | None:
    """Return a recommendation."""
    return await session.get(RecommendationRow, recommendation_id)


async def find_for_update(session: AsyncSession, recommendation_id: str) -> RecommendationRow | None:
    """Return a recommendation as it is now and lock it."""
    return await session.get(RecommendationRow, recommendation_id, with_for_update=True, populate_existing=True)


async def open_id(session: AsyncSession, customer_id: str, kind: str) -> str | None:
    """Return the recommendation of this kind that waits for a customer."""
    statement = matching(customer_id=customer_id, kind=kind, status="proposed")
    found: str | None = (
        await session.execute(statement.with_only_columns(col(RecommendationRow.recommendation_id)))
    ).scalar_one_or_none()
    return found


def matching(
    *,
    customer_id: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    recommended_by: str | None = None,
) -> Select[Any]:
    """Return the statement that lists recommendations."""
    statement = select(RecommendationRow)
    for column, value in (
        (RecommendationRow.customer_id, customer_id),
        (RecommendationRow.kind, kind),
        (RecommendationRow.status, status),
        (RecommendationRow.recommended_by, recommended_by),
    ):
        if value is not None:
            statement = statement.where(col(column) == value)
    return statement


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest recommendations."""
    return matching(customer_id=customer_id).order_by(col(RecommendationRow.recommendation_id).desc()).limit(count)
