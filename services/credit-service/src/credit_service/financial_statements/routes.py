"""Financial statements over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.customers import use_cases as customers
from credit_service.financial_statements import repository, use_cases
from credit_service.financial_statements.domain.figures import FinancialStatementNotFoundError
from credit_service.financial_statements.schemas import FinancialStatement, StatementContent, given, shown
from credit_service.financial_statements.tables import FinancialStatementRow
from credit_service.journal import use_cases as journal
from shared.http.edge import Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("financial statements")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]


@router.post(
    "/v1/customers/{customer_id}/financial-statements",
    status_code=201,
    responses={200: {"model": FinancialStatement, "description": "The same statement was recorded before"}},
)
async def record_financial_statement(
    customer_id: CustomerId,
    body: StatementContent,
    response: Response,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("credit_file:write"))],
) -> FinancialStatement:
    """Put a balance sheet and income statement into the credit file; its ratios and Altman's Z'' are computed from its figures.

    A figure that is not given stays missing. Another content for the same period restates it: both stay in the file, the one
    recorded last counts. The same content again is 200.
    """
    row, created = await use_cases.record_statement(uow, customer_id, given(body), by=caller.subject)
    response.status_code = 201 if created else 200
    return shown(row)


@router.get("/v1/customers/{customer_id}/financial-statements")
async def list_financial_statements(
    customer_id: CustomerId, uow: Work, page: Paging, caller: Reader
) -> Page[FinancialStatement]:
    """List a customer's statements, the latest period first and within it the one recorded last.

    The journal tells who read them.
    """
    await customers.ensure_known(uow.session, customer_id)
    by = (FinancialStatementRow.period_end, FinancialStatementRow.statement_id)
    rows, cursor = await fetch_page(uow.session, repository.of_customer(customer_id), by=by, page=page, descending=True)
    await journal.record_read(uow, customer_id, subject="financial_statements", by=caller.subject)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/customers/{customer_id}/financial-statements/{statement_id}")
async def get_financial_statement(
    customer_id: CustomerId,
    statement_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    uow: Work,
    caller: Reader,
) -> FinancialStatement:
    """Return one of a customer's statements. The journal tells who read it."""
    row = await repository.find(uow.session, statement_id)
    if row is None or row.customer_id != customer_id:
        raise FinancialStatementNotFoundError(statement_id)
    await journal.record_read(uow, customer_id, subject=statement_id, by=caller.subject)
    return shown(row)
