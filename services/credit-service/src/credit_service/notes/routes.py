"""Notes over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query

from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from credit_service.notes import repository, use_cases
from credit_service.notes.schemas import Note, NoteBody, shown
from credit_service.notes.tables import NoteRow
from shared.http.edge import Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit file")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]


@router.post("/v1/customers/{customer_id}/notes", status_code=201)
async def write_note(
    customer_id: CustomerId,
    body: NoteBody,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("credit_file:write"))],
) -> Note:
    """Write a note into a customer's credit file, with the caller as its author. It cannot be changed: write another."""
    row = await use_cases.write_note(
        uow, customer_id, text=body.text, kind=body.kind, reference=body.reference, by=caller.subject
    )
    return shown(row)


@router.get("/v1/customers/{customer_id}/notes")
async def list_notes(
    customer_id: CustomerId,
    uow: Work,
    page: Paging,
    caller: Annotated[Principal, Depends(requires("credit_file:read"))],
    kind: Annotated[str | None, Query(max_length=50, description="Only notes of this kind")] = None,
) -> Page[Note]:
    """List a customer's notes, newest first. The journal tells who read them."""
    await customers.ensure_known(uow.session, customer_id)
    statement = repository.of_customer(customer_id, kind=kind)
    rows, cursor = await fetch_page(uow.session, statement, by=(NoteRow.note_id,), page=page, descending=True)
    await journal.record_read(uow, customer_id, subject="notes", by=caller.subject)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)
