"""House bank accounts over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response
from sqlalchemy import select

from cashapp_service.bank_accounts import use_cases
from cashapp_service.bank_accounts.domain import BankAccount, normalised
from cashapp_service.bank_accounts.schemas import BankAccountBody, BankAccountView
from cashapp_service.bank_accounts.tables import BankAccountRow
from shared.account_numbers import FullAccountNumber
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("bank accounts")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Writer = Annotated[Principal, Depends(requires("imports:write"))]


@router.put("/v1/bank-accounts/{account}", responses={201: {"model": BankAccountView}})
async def put_bank_account(
    account: Annotated[
        FullAccountNumber, Path(min_length=4, max_length=64, description="IBAN or number, however written")
    ],
    body: BankAccountBody,
    response: Response,
    uow: Work,
    _: Writer,
    expected: ExpectedVersion,
) -> BankAccountView:
    """Make a house bank account known (201) or change its ledger account or name (200)."""
    row, created = await use_cases.put_bank_account(
        uow, BankAccount(account=normalised(account), **body.model_dump()), expected_version=expected
    )
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    return BankAccountView.model_validate(row.model_dump())


@router.get("/v1/bank-accounts")
async def list_bank_accounts(session: Reading, page: Paging, _: Reader) -> Page[BankAccountView]:
    """List the house bank accounts by number."""
    rows, cursor = await fetch_page(session, select(BankAccountRow), by=(BankAccountRow.account,), page=page)
    return Page(data=[BankAccountView.model_validate(row.model_dump()) for row in rows], next_cursor=cursor)
