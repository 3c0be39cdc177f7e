"""What can be done with attachments: add a file, fetch it, show the newest."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.attachments import repository
from credit_service.attachments.domain import AttachmentNotFoundError, AttachmentTooLargeError, EmptyAttachmentError
from credit_service.attachments.schemas import Attachment, shown
from credit_service.attachments.tables import AttachmentContentRow, AttachmentRow
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from shared.files import FILE_BYTES_MAX, file_name, media_type
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def attach(
    uow: UnitOfWork,
    customer_id: str,
    content: bytes,
    *,
    given_name: str | None,
    given_type: str | None,
    description: str | None,
    by: str,
) -> AttachmentRow:
    """Add a file to a customer's credit file. The journal seals its content by its hash.

    Raises `CustomerNotFoundError`, `EmptyAttachmentError`, `AttachmentTooLargeError`.
    """
    if not content:
        raise EmptyAttachmentError
    if len(content) > FILE_BYTES_MAX:
        raise AttachmentTooLargeError
    await customers.ensure_known(uow.session, customer_id)
    row = AttachmentRow(
        attachment_id=new_id("att"),
        customer_id=customer_id,
        file_name=file_name(given_name),
        media_type=media_type(given_type),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        description=description,
        added_by=by,
        added_at=uow.clock.now(),
    )
    uow.session.add(row)
    await uow.session.flush()
    uow.session.add(AttachmentContentRow(attachment_id=row.attachment_id, content=content))
    new = {"file_name": row.file_name, "size_bytes": row.size_bytes, "sha256": row.sha256}
    await journal.record(uow, Entry(customer_id, "attachment.added", by, subject=row.attachment_id, new=new))
    return row


async def fetch(uow: UnitOfWork, customer_id: str, attachment_id: str, *, by: str) -> tuple[AttachmentRow, bytes]:
    """Return an attachment with its content and tell the journal who read it; raise `AttachmentNotFoundError`."""
    row = await repository.find(uow.session, customer_id, attachment_id)
    if row is None:
        raise AttachmentNotFoundError(attachment_id)
    await journal.record_read(uow, customer_id, subject=attachment_id, by=by)
    return row, await repository.content(uow.session, attachment_id)


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[Attachment]:
    """Return a customer's newest attachments for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
