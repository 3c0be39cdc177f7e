"""Queries of learned payers."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.matching.domain import LearnedPayer
from cashapp_service.matching.tables import LearnedPayerRow


async def learned_payers(session: AsyncSession) -> list[LearnedPayer]:
    """Return every learned payer."""
    rows = await session.scalars(
        select(LearnedPayerRow).order_by(col(LearnedPayerRow.payer), col(LearnedPayerRow.customer_id))
    )
    return [
        LearnedPayer(
            row.customer_id,
            payer_account=row.payer if row.kind == "account" else None,
            payer_name=row.payer if row.kind == "name" else None,
        )
        for row in rows
    ]


async def confirm(session: AsyncSession, *, kind: str, payer: str, customer_id: str) -> None:
    """Count one more confirmed receipt of a payer for a customer."""
    statement = insert(LearnedPayerRow).values(kind=kind, payer=payer, customer_id=customer_id, confirmations=1)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "payer", "customer_id"],
            set_={"confirmations": col(LearnedPayerRow.confirmations) + 1},
        )
    )
