"""Reading and changing charts of accounts."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.accounts import repository
from cashapp_service.accounts.domain import Chart, Charts, Label
from cashapp_service.accounts.tables import ChartRow, to_chart
from shared.errors import ConflictError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def chart_of(session: AsyncSession, company_code: str) -> Chart:
    """Return the chart of a company code: its own, or the default one."""
    row = await repository.find(session, company_code)
    return to_chart(row) if row else Chart(company_code)


async def all_charts(session: AsyncSession) -> Charts:
    """Return the charts of all company codes."""
    return Charts({row.company_code: to_chart(row) for row in await repository.find_all(session)})


async def put_chart(
    uow: UnitOfWork, company_code: str, own: Mapping[str, Label], *, by: str, expected_version: int | None
) -> Chart:
    """Replace what a company code names itself and return its chart; equal content changes nothing.

    Raises `StaleVersionError`. Postings keep their accounts: what is read from now on shows the new numbers.
    """
    row = await repository.find_for_update(uow.session, company_code)
    present = to_chart(row) if row else Chart(company_code)
    ensure_fresh(expected_version, present.version)
    if present.own == own:
        return present
    if row is None:
        row = ChartRow(company_code=company_code, version=0, labels={}, changed_by=by, changed_at=uow.clock.now())
        uow.session.add(row)
    row.version += 1
    row.labels = {account: [label.number, label.name] for account, label in own.items()}
    row.changed_by, row.changed_at = by, uow.clock.now()
    try:
        await uow.session.flush()
    except IntegrityError:
        raise ConflictError(f"The chart of {company_code} is being put by another request: send it again.") from None
    return to_chart(row)
