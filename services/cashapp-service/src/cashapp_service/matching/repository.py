"""Queries of learned payers."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.matching.domain import LearnedPayer
from cashapp_service.matching.tables import LearnedPayerRow


async def learned_accounts(session: AsyncSession, accounts: Collection[str]) -> list[LearnedPayer]:
    """Return what was learned of accounts, by their fingerprints."""
    row = LearnedPayerRow
    statement = select(row).where(col(row.kind) == "account", col(row.payer).in_(accounts))
    rows = await session.scalars(statement.order_by(col(row.payer), col(row.customer_id)))
    return [LearnedPayer(one.customer_id, payer_account=one.payer) for one in rows]


async def confirm(session: AsyncSession, *, kind: str, payer: str, customer_id: str) -> None:
    """Count one more confirmed receipt of a payer for a customer."""
    statement = insert(LearnedPayerRow).values(kind=kind, payer=payer, customer_id=customer_id, confirmations=1)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "payer", "customer_id"],
            set_={"confirmations": col(LearnedPayerRow.confirmations) + 1},
        )
    )
