"""What is recorded of an item: its postings with the heads of their entries, its submissions, disputes and due dates."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

RELATED_MAX = 500
Rows = Sequence[Row[*tuple[Any, ...]]]

_POSTINGS = text(
    """
    select e.entry_id, e.kind as entry_kind, e.posting_date, e.value_date, e.receipt_id, e.application_id, e.dispute_id,
           e.document_id, e.posted_at, l.kind, l.debit - l.credit as amount,
           coalesce(e.posted_by, case when e.kind = 'application' then a.applied_by end) as posted_by,
           r.method, r.payer_name, r.amount as received, r.currency as received_in, d.number as dispute_number,
           exists (select from allocations w where w.application_id = e.application_id and w.residual_item_id = l.item_id)
           as carried_here
    from journal_lines l
    join journal_entries e using (entry_id)
    left join applications a on a.application_id = e.application_id
    left join receipts r on r.receipt_id = e.receipt_id
    left join disputes d on d.dispute_id = e.dispute_id
    where l.item_id = :item_id and l.account = 'receivables'
    order by e.sequence, l.position
    """
)
# An application may pay thousands of items beside this one: only those that it was netted with, or carried into, concern it.
_RELATED = text(
    """
    select l.entry_id, i.item_id, i.number, sum(l.debit - l.credit) as amount
    from journal_lines l join items i using (item_id)
    where l.entry_id = any(cast(:entry_ids as text[])) and l.account = 'receivables' and l.item_id <> :item_id
      and l.kind in ('credit', 'residual', 'issue')
    group by l.entry_id, i.item_id, i.number order by i.number limit :most
    """
)
_SUBMISSIONS = text(
    """
    select s.submission_id, s.channel, s.reference, t.status, t.status_on, t.failure_reason, t.recorded_at, t.recorded_by
    from submissions s join submission_steps t using (submission_id)
    where s.item_id = :item_id order by t.recorded_at
    """
)
_DISPUTES = text(
    "select dispute_id, number, status, amount, recorded_at from dispute_steps where item_id = :item_id "
    "order by recorded_at, version"
)


async def postings(session: AsyncSession, item_id: str) -> Rows:
    """Return the postings of an item in the order of the journal."""
    return (await session.execute(_POSTINGS, {"item_id": item_id})).all()


async def related(session: AsyncSession, item_id: str, entry_ids: Sequence[str]) -> Rows:
    """Return (entry_id, item_id, number, amount) of other items that the same entries credited, cleared or made."""
    values = {"item_id": item_id, "entry_ids": list(entry_ids), "most": RELATED_MAX}
    return (await session.execute(_RELATED, values)).all()


async def submissions(session: AsyncSession, first_item_id: str) -> Rows:
    """Return every status that submissions of a document went through."""
    return (await session.execute(_SUBMISSIONS, {"item_id": first_item_id})).all()


async def disputes(session: AsyncSession, item_id: str) -> Rows:
    """Return every change of what cases dispute of an item."""
    return (await session.execute(_DISPUTES, {"item_id": item_id})).all()
