"""Queries and the lock of the disputes' projection. A case is locked before its items (see `items/repository.py`)."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from shared.events.dispute import DisputeState
from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.disputes.tables import DisputeCreditRow, DisputedItemRow, DisputeRow


async def lock(session: AsyncSession, dispute_id: str) -> None:
    """Lock a case to the end of the transaction, also one of which there is no row yet."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(dispute_id, 2))))


async def put_newer(session: AsyncSession, state: DisputeState, version: int) -> bool:
    """Write a case's state where it is newer than the one that is there, and tell whether it was."""
    statement = upsert(DisputeRow).values(
        dispute_id=state.dispute_id,
        version=version,
        number=state.number,
        customer_id=state.customer_id,
        status=state.status,
    )
    newer = statement.on_conflict_do_update(
        index_elements=["dispute_id"],
        set_={"version": statement.excluded.version, "status": statement.excluded.status},
        where=col(DisputeRow.version) < statement.excluded.version,
    )
    return (await session.execute(newer.returning(col(DisputeRow.dispute_id)))).one_or_none() is not None


async def item_ids_of(session: AsyncSession, dispute_id: str) -> set[str]:
    """Return the items of which a case disputes something."""
    return set(
        await session.scalars(select(col(DisputedItemRow.item_id)).where(col(DisputedItemRow.dispute_id) == dispute_id))
    )


async def replace_items(session: AsyncSession, dispute_id: str, amounts: Mapping[str, Decimal]) -> None:
    """Write what a case disputes of its items."""
    await session.execute(delete(DisputedItemRow).where(col(DisputedItemRow.dispute_id) == dispute_id))
    if amounts:
        rows = [{"dispute_id": dispute_id, "item_id": key, "amount": amount} for key, amount in amounts.items()]
        await session.execute(insert(DisputedItemRow), rows)


async def totals(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of each item all cases together dispute; zero for those of which nothing is."""
    statement = (
        select(col(DisputedItemRow.item_id), func.sum(col(DisputedItemRow.amount)))
        .where(col(DisputedItemRow.item_id).in_(list(item_ids)))
        .group_by(col(DisputedItemRow.item_id))
    )
    found = dict((await session.execute(statement)).all())
    return {item_id: found.get(item_id, Decimal(0)) for item_id in item_ids}


async def credited(session: AsyncSession, dispute_id: str, version: int) -> bool:
    """Tell whether the decision of a case at this version was posted."""
    return await session.get(DisputeCreditRow, (dispute_id, version)) is not None


async def record_credit(session: AsyncSession, *, dispute_id: str, version: int, memo_item_id: str) -> None:
    """Remember that a decision was posted."""
    session.add(DisputeCreditRow(dispute_id=dispute_id, version=version, memo_item_id=memo_item_id))
    await session.flush()
