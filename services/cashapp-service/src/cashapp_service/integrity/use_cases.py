"""Checking every law. Each capability states its own; here they are put together."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import use_cases as applications
from cashapp_service.bank_statements import use_cases as bank_statements
from cashapp_service.items import use_cases as items
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.refunds import use_cases as refunds
from cashapp_service.write_offs import use_cases as write_offs
from shared.unit_of_work import Units


async def check_integrity(units: Units) -> list[LawVerdict]:
    """Return the verdict on every law, all of one moment: what is being posted meanwhile is not seen by half."""
    async with units.read() as session:
        await session.execute(text("set transaction isolation level repeatable read, read only"))
        return await verdicts(session)


async def verdicts(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdict on every law as this session sees the books."""
    return [
        verdict
        for capability in (ledger, items, receipts, applications, refunds, write_offs, recoveries, bank_statements)
        for verdict in await capability.check_laws(session)
    ]
