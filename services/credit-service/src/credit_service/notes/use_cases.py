"""What can be done with notes: write one, show the newest."""

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.notes import repository
from credit_service.notes.schemas import Note, shown
from credit_service.notes.tables import NoteRow
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def write_note(
    uow: UnitOfWork, customer_id: str, *, text: str, kind: str, reference: str | None, by: str
) -> NoteRow:
    """Write a note into a customer's file. The journal seals its text by its hash; raises `CustomerNotFoundError`."""
    await customers.ensure_known(uow.session, customer_id)
    row = NoteRow(
        note_id=new_id("note"),
        customer_id=customer_id,
        kind=kind,
        text=text,
        reference=reference,
        author=by,
        written_at=uow.clock.now(),
    )
    uow.session.add(row)
    digest = hashlib.sha256(text.encode()).hexdigest()
    new = {"kind": kind, "sha256": digest, "reference": reference}
    await journal.record(uow, Entry(customer_id, "note.written", by, subject=row.note_id, new=new))
    return row


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[Note]:
    """Return a customer's newest notes for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
