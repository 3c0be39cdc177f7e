"""Checking every law. Each capability states its own; here they are put together."""

from collections.abc import AsyncIterator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import use_cases as applications
from cashapp_service.bank_statements import use_cases as bank_statements
from cashapp_service.disputes import use_cases as disputes
from cashapp_service.documents import use_cases as documents
from cashapp_service.items import use_cases as items
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.payment_exceptions import use_cases as payment_exceptions
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.refunds import use_cases as refunds
from cashapp_service.small_balances import use_cases as small_balances
from cashapp_service.submissions import use_cases as submissions
from cashapp_service.write_offs import use_cases as write_offs
from shared.unit_of_work import Units

CHECKS = (
    ledger.check_laws,
    items.check_laws,
    documents.check_laws,
    submissions.check_laws,
    disputes.check_laws,
    receipts.check_laws,
    applications.check_laws,
    payment_exceptions.check_laws,
    refunds.check_laws,
    write_offs.check_laws,
    recoveries.check_laws,
    small_balances.check_laws,
    bank_statements.check_laws,
)
# For the proof alone, which holds one connection: sums by item and receipt over all postings are then made in memory.
WORK_MEMORY = text("set local work_mem = '128MB'")


async def check_integrity(units: Units) -> list[LawVerdict]:
    """Return the verdict on every law, all of one moment: what is being posted meanwhile is not seen by half."""
    return [verdict async for found in check_step_by_step(units) for verdict in found]


async def check_step_by_step(units: Units) -> AsyncIterator[list[LawVerdict]]:
    """Yield the verdicts on the laws of one capability after the other, all of one moment."""
    async with units.read() as session:
        await session.execute(text("set transaction isolation level repeatable read, read only"))
        await session.execute(WORK_MEMORY)
        for check_laws in CHECKS:
            yield await check_laws(session)


async def verdicts(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdict on every law as this session sees the books."""
    return [verdict for check_laws in CHECKS for verdict in await check_laws(session)]
