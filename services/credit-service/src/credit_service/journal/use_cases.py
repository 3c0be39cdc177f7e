"""What can be done with a credit file's journal: add an entry, tell who read, and prove that it is intact."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.journal import repository
from credit_service.journal.domain import EMPTY, READ, Entry, Head, Proof, SealedEntry, Verdict, plain, seal
from credit_service.journal.schemas import JournalEntry, shown
from shared.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

PROVE_JOURNALS = "journals.prove"
"""The job that goes through all journals."""


async def record(uow: UnitOfWork, entry: Entry) -> SealedEntry:
    """Seal an entry behind the last one of its customer, in the transaction of what it tells.

    The log carries the seal out of the database, where nobody who can change entries can change it too.
    """
    head = await repository.head_for_update(uow.session, entry.customer_id)
    sealed = _sealed(uow, entry, head)
    await repository.add(uow.session, sealed)
    return sealed


async def record_all(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Seal entries of many customers, one of each, as `record` does, in a few statements whatever their number."""
    if not entries:
        return
    customers = {entry.customer_id for entry in entries}
    assert len(customers) == len(entries), "one entry of each customer"
    heads = await repository.heads_for_update(uow.session, customers)
    await repository.add_all(uow.session, [_sealed(uow, entry, heads[entry.customer_id]) for entry in entries])


def _sealed(uow: UnitOfWork, entry: Entry, head: Head) -> SealedEntry:
    request_id = entry.request_id or structlog.contextvars.get_contextvars().get("request_id")
    entry = replace(entry, old=plain(entry.old), new=plain(entry.new), request_id=request_id)
    position, at = head.position + 1, uow.clock.now()
    sealed = SealedEntry(entry, position, at, seal(entry, position=position, recorded_at=at, before=head.seal))
    log.info("journal.sealed", customer_id=entry.customer_id, position=position, kind=entry.kind, seal=sealed.seal)
    return sealed


async def record_read(uow: UnitOfWork, customer_id: str, *, subject: str, by: str) -> SealedEntry:
    """Tell that somebody read a credit file or the part of it named by `subject`."""
    return await record(uow, Entry(customer_id, READ, by, subject=subject))


async def proved(session: AsyncSession, customer_id: str, *, noted: Head | None = None) -> Verdict:
    """Go through a whole journal and tell whether it is as it was sealed, and as it was `noted` elsewhere."""
    proof, head = Proof(noted=noted), EMPTY
    async for _, one, its_head in repository.with_heads(session, customer_id):
        head = its_head
        if one is not None:
            proof.take(one)
    return proof.verdict(head)


async def all_proved(session: AsyncSession) -> AsyncIterator[tuple[str, Verdict]]:
    """Go through the journals of all customers, by number, and yield the verdict on each."""
    whose, proof, head = "", Proof(), EMPTY
    async for number, one, its_head in repository.with_heads(session):
        if number != whose and whose:
            yield whose, proof.verdict(head)
        if number != whose:
            whose, proof = number, Proof()
        head = its_head
        if one is not None:
            proof.take(one)
    if whose:
        yield whose, proof.verdict(head)


def entries(customer_id: str, *, kind: str | None = None, actor: str | None = None) -> Select[Any]:
    """Return the statement that lists a customer's entries, of one kind and by one actor where given."""
    return repository.entries(customer_id, kind=kind, actor=actor)


async def newest(
    session: AsyncSession, customer_id: str, *, count: int, kind: str | None = None, but: Collection[str] = ()
) -> list[JournalEntry]:
    """Return the newest entries of a customer, of one kind or without some kinds."""
    statement = repository.newest(customer_id, count=count, kind=kind, but=but)
    return [shown(row) for row in await session.scalars(statement)]
