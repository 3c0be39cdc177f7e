"""Attachments over HTTP."""

from typing import Annotated

from fastapi import Depends, File, Form, Path, Response, UploadFile

from credit_service.attachments import repository, use_cases
from credit_service.attachments.schemas import Attachment, shown
from credit_service.attachments.tables import AttachmentRow
from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from shared.files import FILE_BYTES_MAX, FORM_BYTES_MAX, download_headers
from shared.http.edge import Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit file")

DESCRIPTION_LENGTH_MAX = 2000

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
AttachmentId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]


@router.post("/v1/customers/{customer_id}/attachments", status_code=201, max_body_size=FILE_BYTES_MAX + FORM_BYTES_MAX)
async def attach_file(
    customer_id: CustomerId,
    file: Annotated[UploadFile, File(description="Any document, up to 16 MiB; it is kept to the letter")],
    uow: Work,
    caller: Annotated[Principal, Depends(requires("credit_file:write"))],
    description: Annotated[str | None, Form(max_length=DESCRIPTION_LENGTH_MAX, description="What it is")] = None,
) -> Attachment:
    """Add a file to a customer's credit file. It cannot be changed: add another."""
    row = await use_cases.attach(
        uow,
        customer_id,
        await file.read(),
        given_name=file.filename,
        given_type=file.content_type,
        description=description,
        by=caller.subject,
    )
    return shown(row)


@router.get("/v1/customers/{customer_id}/attachments")
async def list_attachments(customer_id: CustomerId, uow: Work, page: Paging, caller: Reader) -> Page[Attachment]:
    """List the files in a customer's credit file, newest first. The journal tells who read the list."""
    await customers.ensure_known(uow.session, customer_id)
    statement = repository.of_customer(customer_id)
    rows, cursor = await fetch_page(
        uow.session, statement, by=(AttachmentRow.attachment_id,), page=page, descending=True
    )
    await journal.record_read(uow, customer_id, subject="attachments", by=caller.subject)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get(
    "/v1/customers/{customer_id}/attachments/{attachment_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file to the letter"}},
)
async def download_attachment(
    customer_id: CustomerId, attachment_id: AttachmentId, uow: Work, caller: Reader
) -> Response:
    """Return the file as it was sent, to be saved and not to be shown by a browser. The journal tells who read it."""
    row, content = await use_cases.fetch(uow, customer_id, attachment_id, by=caller.subject)
    return Response(content, media_type=row.media_type, headers=download_headers(row.file_name))
