"""What the service has in its tables, read past it: rows beside the postings and events that they should be the sum of."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import asyncpg

ITEMS = """
    select i.item_id, (i.balance * 10000)::bigint, (p.issued * 10000)::bigint, i.version, p.postings, e.events, i.status,
           i.postable_from, p.moment::bigint, p.payment::bigint, p.credit::bigint, p.discount::bigint, p.tolerance::bigint,
           p.residual::bigint, p.write_off::bigint
    from items i
    join (select item_id, count(*) postings,
                 sum((debit - credit) * (posting_date - date '2026-01-01')) * 10000 moment,
                 sum(debit - credit) filter (where kind = 'issue') issued,
                 coalesce(sum(credit - debit) filter (where kind in ('payment', 'reversal')), 0) * 10000 payment,
                 coalesce(sum(credit - debit) filter (where kind = 'credit'), 0) * 10000 credit,
                 coalesce(sum(credit - debit) filter (where kind = 'discount'), 0) * 10000 discount,
                 coalesce(sum(credit - debit) filter (where kind = 'tolerance'), 0) * 10000 tolerance,
                 coalesce(sum(credit - debit) filter (where kind = 'residual'), 0) * 10000 residual,
                 coalesce(sum(credit - debit) filter (where kind = 'write_off'), 0) * 10000 write_off
          from journal_lines where account = 'receivables' group by item_id) p using (item_id)
    join (select subject item_id, count(*) events from outbox where type like 'item.%' group by subject) e using (item_id)
"""
RECEIPTS = """
    select r.receipt_id, r.version, e.events, r.postable_from, p.moment::bigint,
           (r.applied * 10000)::bigint, (r.refunded * 10000)::bigint,
           (r.returned * 10000)::bigint, (r.unapplied * 10000)::bigint, (r.on_account * 10000)::bigint,
           (r.unidentified * 10000)::bigint, p.unapplied::bigint, p.on_account::bigint, p.unidentified::bigint
    from receipts r
    join (select receipt_id, sum((debit - credit) * (posting_date - date '2026-01-01') * case account
                     when 'on_account_cash' then 2 when 'unidentified_cash' then 3 else 1 end) * 10000 moment,
                 coalesce(sum(credit - debit) filter (where account = 'unapplied_cash'), 0) * 10000 unapplied,
                 coalesce(sum(credit - debit) filter (where account = 'on_account_cash'), 0) * 10000 on_account,
                 coalesce(sum(credit - debit) filter (where account = 'unidentified_cash'), 0) * 10000 unidentified
          from journal_lines
          where account in ('unapplied_cash', 'on_account_cash', 'unidentified_cash') group by receipt_id) p using (receipt_id)
    join (select subject receipt_id, count(*) events from outbox where type like 'payment.%' group by subject) e
         using (receipt_id)
"""
DECISIONS = """
    select refund_id, r.status, array_agg(coalesce(p.receipt_id, p.item_id) || ' ' || (p.amount * 10000)::bigint)
    from refunds r join refund_parts p using (refund_id) group by refund_id, r.status
    union all
    select write_off_id, w.status, array_agg(p.item_id || ' ' || (p.amount * 10000)::bigint)
    from write_offs w join write_off_items p using (write_off_id) group by write_off_id, w.status
"""
JOURNAL = """
    select company_code, account, coalesce(item_id, receipt_id), posting_date, (sum(debit - credit) * 10000)::bigint
    from journal_lines group by 1, 2, 3, 4 having sum(debit) <> sum(credit)
"""
EVENTS = "select subject, body from outbox order by position"
RECHARGED = "select refund_id, receipt_id, recharged_item_id from refund_parts where recharged_item_id is not null"
TABLES = "select tablename from pg_tables where schemaname = 'public'"


class Snapshots:
    """Looks at one database."""

    def __init__(self, connection: asyncpg.Connection[Any], tables: list[str]) -> None:
        self._connection = connection
        self._alone = asyncio.Lock()
        self._tables = sorted(set(tables) - {"alembic_version"})
        self._counts = " union all ".join(f"select '{name}', count(*) from {name}" for name in self._tables)

    @classmethod
    async def of(cls, connection: asyncpg.Connection[Any]) -> Snapshots:
        """Return what looks through this connection."""
        return cls(connection, [row[0] for row in await connection.fetch(TABLES)])

    async def _fetch(self, query: str) -> list[Any]:
        async with self._alone:
            return list(await self._connection.fetch(query))

    async def _by_id(self, query: str) -> dict[str, tuple[object, ...]]:
        return {row[0]: tuple(row)[1:] for row in await self._fetch(query)}

    async def items(self) -> dict[str, tuple[object, ...]]:
        """Return every item."""
        return await self._by_id(ITEMS)

    async def receipts(self) -> dict[str, tuple[object, ...]]:
        """Return every receipt."""
        return await self._by_id(RECEIPTS)

    async def decisions(self) -> dict[str, tuple[object, ...]]:
        """Return every refund and write-off."""
        return {row[0]: (row[1], frozenset(row[2])) for row in await self._fetch(DECISIONS)}

    async def journal(self) -> Counter[tuple[object, ...]]:
        """Return what was posted to each account, by company, by what it concerns and by day."""
        return Counter({tuple(row)[:4]: row[4] for row in await self._fetch(JOURNAL)})

    async def recharged(self) -> list[tuple[str, str, str]]:
        """Return refund, receipt and the debit memo by which the customer owes what was refunded of it."""
        return [(row[0], row[1], row[2]) for row in await self._fetch(RECHARGED)]

    async def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return {row[0]: row[1] for row in await self._fetch(self._counts)}

    async def events(self) -> list[tuple[str, str]]:
        """Return the subject and the body of every event in the order of the outbox."""
        return [(row[0], row[1]) for row in await self._fetch(EVENTS)]

    async def empty(self) -> None:
        """Empty every table; the journal refuses that, but does not see what a replica's session does."""
        names = ", ".join(self._tables)
        await self._connection.execute(f"set session_replication_role = replica; truncate {names} restart identity")
        await self._connection.execute("reset session_replication_role")
