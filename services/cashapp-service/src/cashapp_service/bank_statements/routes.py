"""Bank statements over HTTP: files are imported by a job, statements and entries are read."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends, File, Form, Path, Query, UploadFile

from cashapp_service.bank_accounts.domain import normalised
from cashapp_service.bank_statements import repository
from cashapp_service.bank_statements.domain.file_format import READABLE
from cashapp_service.bank_statements.jobs import IMPORT_BANK_STATEMENT
from cashapp_service.bank_statements.schemas import Statement, StatementEntryView
from cashapp_service.bank_statements.tables import StatementEntryRow, StatementRow
from cashapp_service.customers.domain import ROLES_THAT_NEED_BANK_DETAILS, masked
from shared import jobs
from shared.card_numbers import masked_file
from shared.errors import InvalidError, NotFoundError
from shared.files import file_name
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.form_guard import masks_card_numbers
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job
from shared.money import exact
from shared.security import Principal

router = api_router("bank statements")

FILE_BYTES_MAX = 32 * 1024 * 1024
MASKED_LINES_MAX = 1000
"""Lines with a card number that are told of; all are masked."""

Reader = Annotated[Principal, Depends(requires("items:read"))]
Importer = Annotated[Principal, Depends(requires("imports:write"))]


class UnsupportedImportError(InvalidError):
    """The kind or format of file is not taken."""

    code = "unsupported_import"


class StatementNotFoundError(NotFoundError):
    """No statement has this id."""

    code = "statement_not_found"


@router.post("/v1/imports", status_code=202, max_body_size=FILE_BYTES_MAX)
@masks_card_numbers
async def import_file(
    file: Annotated[UploadFile, File(description="The bank's file as it is")],
    kind: Annotated[str, Form(max_length=40, description="`bank_statement`", examples=["bank_statement"])],
    uow: Work,
    caller: Importer,
    create_accounts: Annotated[bool, Form(description="Make unknown house bank accounts known")] = False,
    format: Annotated[str | None, Form(max_length=40, description="`mt940` or `camt.053`; told from the file")] = None,  # noqa: A002
) -> Job:
    """Import a bank's file (MT940, camt.053; the format is recognised) and return the job that does it.

    Its result: `{lines, created, duplicates, rejected, auto_applied, unapplied, unidentified, statements}`; what cannot
    be read is listed in its errors, line by line, as is each line on which a card number was masked. The same file twice
    creates nothing.
    """
    if kind != "bank_statement":
        raise UnsupportedImportError("Only kind=bank_statement is supported.", field="kind")
    readable = sorted(one.value for one in READABLE)
    if format is not None and format not in readable:
        raise UnsupportedImportError(f"Supported formats are {' and '.join(readable)}.", field="format")
    payload = await file.read()
    if not payload:
        raise UnsupportedImportError("The file is empty: send the bank's file as it is.", field="file")
    payload, masked_lines = await asyncio.to_thread(masked_file, payload)
    params: dict[str, Any] = {
        "masked_lines": masked_lines[:MASKED_LINES_MAX],
        "filename": file_name(file.filename) if file.filename else "",
        "create_accounts": create_accounts,
        "format": format,
    }
    return await jobs.enqueue(
        uow,
        prefix="caj",
        kind=IMPORT_BANK_STATEMENT,
        requested_by=caller.subject,
        params=params,
        payload=payload,
    )


@router.get("/v1/statements")
async def list_statements(
    session: Reading,
    page: Paging,
    _: Reader,
    import_id: Annotated[str | None, Query(max_length=64, description="The job that imported them")] = None,
    account: Annotated[str | None, Query(max_length=64, description="House bank account, however written")] = None,
) -> Page[Statement]:
    """List bank statements in the order in which they were imported."""
    statement = repository.statements(import_id=import_id, account=normalised(account) if account else None)
    rows, cursor = await fetch_page(session, statement, by=(StatementRow.statement_id,), page=page)
    return Page(data=[_statement(row) for row in rows], next_cursor=cursor)


def _statement(row: StatementRow) -> Statement:
    balances = {
        name: exact(amount, row.currency) if (amount := getattr(row, name)) is not None else None
        for name in ("opening_balance", "closing_balance")
    }
    return Statement.model_validate(
        row.model_dump() | balances | {"id": row.statement_id, "account": row.stated_account}
    )


@router.get("/v1/statements/{statement_id}/entries")
async def list_entries(
    statement_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    session: Reading,
    page: Paging,
    caller: Reader,
) -> Page[StatementEntryView]:
    """List a statement's entries in the bank's order."""
    if await repository.find(session, statement_id) is None:
        raise StatementNotFoundError(f"There is no statement {statement_id}: see GET /v1/statements.")
    rows, cursor = await fetch_page(
        session, repository.entries(statement_id), by=(StatementEntryRow.position,), page=page
    )
    return Page(data=[_entry(row, caller) for row in rows], next_cursor=cursor)


def _entry(row: StatementEntryRow, caller: Principal) -> StatementEntryView:
    values = row.model_dump() | {"id": row.entry_id, "amount": exact(row.amount, row.currency)}
    if row.payer_account and not caller.roles & ROLES_THAT_NEED_BANK_DETAILS:
        values["payer_account"] = masked(row.payer_account)
    return StatementEntryView.model_validate(values)
