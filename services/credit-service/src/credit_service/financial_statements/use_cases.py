"""What can be done with financial statements."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.financial_statements import repository
from credit_service.financial_statements.domain.figures import Figures, Statement
from credit_service.financial_statements.schemas import FinancialStatement, shown
from credit_service.financial_statements.tables import FinancialStatementRow
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def record_statement(
    uow: UnitOfWork, customer_id: str, given: Statement, *, by: str
) -> tuple[FinancialStatementRow, bool]:
    """Put a statement into the credit file, and tell whether it is new: the one recorded last for a period counts.

    The same content again gives the statement that is there. Raises `CustomerNotFoundError`, `NoFiguresError`,
    `PartAboveWholeError`.
    """
    given.figures.ensure_consistent()
    await credit_accounts.locked_account(uow, customer_id)
    known = await repository.latest_of_period(uow.session, customer_id, given.period_end)
    if known is not None and statement_of(known) == given:
        return known, False
    row = FinancialStatementRow(
        statement_id=new_id("fst"),
        customer_id=customer_id,
        period_end=given.period_end,
        period_months=given.period_months,
        currency=given.currency,
        units=given.units,
        audited=given.audited,
        source=given.source,
        figures=given.figures.model_dump(mode="json", exclude_none=True),
        recorded_by=by,
        recorded_at=uow.clock.now(),
    )
    uow.session.add(row)
    told = {"period_end": given.period_end.isoformat(), "source": given.source, "audited": given.audited}
    await journal.record(
        uow,
        Entry(
            customer_id,
            "financial_statement.recorded",
            by,
            subject=row.statement_id,
            old={"statement_id": known.statement_id} if known else {},
            new=told,
        ),
    )
    return row, True


def statement_of(row: FinancialStatementRow) -> Statement:
    """Return what was given."""
    return Statement(
        row.period_end,
        row.period_months,
        row.currency,
        row.units,  # type: ignore[arg-type]
        row.audited,
        row.source,
        Figures.model_validate(row.figures),
    )


async def latest_statements(
    session: AsyncSession, customer_ids: Iterable[str], as_of: date
) -> dict[str, tuple[str, Statement]]:
    """Return of each customer the id and content of the statement that counts on `as_of`; customers without one are left out."""
    rows = await repository.latest(session, customer_ids, as_of)
    return {row.customer_id: (row.statement_id, statement_of(row)) for row in rows}


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[FinancialStatement]:
    """Return a customer's newest financial statements for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
