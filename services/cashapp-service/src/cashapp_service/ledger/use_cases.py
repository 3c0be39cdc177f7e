"""Posting to the ledger, and reading postings back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.ledger import repository
from cashapp_service.ledger.domain import (
    BeyondJournalError,
    Entry,
    ItemPosting,
    JournalRange,
    LawVerdict,
    PostedLine,
    StillPostingError,
)
from cashapp_service.ledger.tables import JournalLineRow
from cashapp_service.periods import use_cases as periods
from shared.bulk import made_beside
from shared.money import exact
from shared.unit_of_work import UnitOfWork, Units

T = TypeVar("T")
SETTLE_SECONDS, SETTLE_ROUNDS = 0.02, 500
ENTRIES_AT_ONCE = 2_000


async def post(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Add entries to the journal; raise `PeriodClosedError` where one is dated in a closed period."""
    if entries:
        await periods.ensure_open(uow.session, {(one.company_code, one.posting_date) for one in entries})
        added = await repository.append_heads(uow.session, entries, at=uow.clock.now(), by=uow.actor)
        await repository.append_lines(uow.session, added)


async def post_many(
    uow: UnitOfWork, entries: Iterable[Entry], then: Callable[[Sequence[Entry]], Iterable[T]]
) -> list[T]:
    """Do as `post` does with hundreds of entries in periods that the caller has found open; return what `then` makes of them.

    They may be made while the database adds those before them. Their lines keep it busy for longer than it takes to make
    them: `then` is worked off meanwhile.
    """
    added = await repository.append_heads(uow.session, entries, at=uow.clock.now(), by=uow.actor)
    return await made_beside(repository.append_lines(uow.session, added), then(added))


async def last_sequence(session: AsyncSession) -> int:
    """Return the last sequence that was given to an entry: about how many there are."""
    return await repository.last_sequence(session)


async def settled_sequence(session: AsyncSession, *, after: int) -> int:
    """Return a sequence up to which the journal is settled: nothing that is not committed yet can still come in before it.

    Sequences are taken in one order and committed in another, so who reads on behind the last entry seen would miss what
    was committed later. Waits for the transactions that are posting at this moment, and for none that begins meanwhile.
    Raises `StillPostingError` where one of them goes on and on, `BeyondJournalError` where it ends before `after`.
    """
    last = await repository.last_sequence(session)
    if after > last:
        raise BeyondJournalError(after, last)
    before = await repository.posting_transactions(session)
    for _ in range(SETTLE_ROUNDS):
        if not before:
            return last
        await asyncio.sleep(SETTLE_SECONDS)
        before &= await repository.posting_transactions(session)
    raise StillPostingError


async def settled_range(
    session: AsyncSession, *, after: int, company_code: str | None, entries_max: int
) -> tuple[JournalRange, bool]:
    """Return the next settled range of the journal, of at most `entries_max` entries, and whether more lie behind it."""
    settled = await settled_sequence(session, after=after)
    wanted = JournalRange(after=after, last=settled, company_code=company_code)
    last = await repository.last_of_first(session, wanted, entries_max=entries_max)
    return (wanted, False) if last is None else (replace(wanted, last=last), True)


async def lines_in(units: Units, wanted: JournalRange) -> AsyncIterator[Sequence[PostedLine]]:
    """Yield the lines of a settled range in the order of posting, whole entries at a time; each time with a new session."""
    while wanted.after < wanted.last:
        async with units.read() as session:
            last = await repository.last_of_first(session, wanted, entries_max=ENTRIES_AT_ONCE) or wanted.last
            lines = await repository.lines_in(session, replace(wanted, last=last))
        wanted = replace(wanted, after=last)
        yield lines


async def postings_of_items(session: AsyncSession, item_ids: Sequence[str]) -> list[ItemPosting]:
    """Return the postings of items, in the order in which they were made."""
    return [_posting(*one) for one in await repository.receivable_lines(session, item_ids=item_ids)]


async def postings_of_receipt(session: AsyncSession, receipt_id: str) -> list[ItemPosting]:
    """Return the postings of items that a receipt's applications and their reversals made."""
    return [_posting(*one) for one in await repository.receivable_lines_of_receipt(session, receipt_id)]


async def causes_of_receipt(session: AsyncSession, receipt_id: str) -> list[str]:
    """Return the applications, recoveries and refunds that moved a receipt's money, by id, the one posted last first.

    The journal tells their order: ids are made by many processes, whose clocks differ.
    """
    return await repository.causes_of_receipt(session, receipt_id)


def item_balance_as_of(item_id: Any, as_of: date) -> Any:
    """Return the expression, for another capability's query, of an item's balance at the end of a day."""
    return repository.item_balance_as_of(item_id, as_of)


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on the journal's own laws."""
    return [await repository.judge(session, **law) for law in repository.LAWS]


def _posting(row: JournalLineRow, receipt_id: str | None) -> ItemPosting:
    assert row.item_id is not None
    return ItemPosting(
        posting_id=row.posting_id,
        entry_id=row.entry_id,
        item_id=row.item_id,
        posting_date=row.posting_date,
        kind=row.kind,
        amount=exact(row.debit - row.credit, row.currency),
        currency=row.currency,
        receipt_id=receipt_id,
        application_id=row.application_id,
        dispute_id=row.dispute_id,
    )


async def judge(session: AsyncSession, *, name: str, checked: str, broken: str) -> LawVerdict:
    """Return the verdict on one law of another capability: SQL that counts its facts and SQL that names what breaks it."""
    return await repository.judge(session, name=name, checked=checked, broken=broken)
