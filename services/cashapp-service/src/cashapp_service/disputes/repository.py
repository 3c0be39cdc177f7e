"""Queries and the lock of the disputes' projection. A case is locked before its items (see `items/repository.py`)."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.disputes.domain import CreditedCase
from cashapp_service.disputes.tables import DisputeCreditRow, DisputedItemRow, DisputeStepRow
from shared.events.dispute import DisputeEvent

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(id, 2)) from unnest(cast(:ids as text[])) as ids(id)")
_PUT_NEWER = text(
    """
    insert into disputes (dispute_id, version, number, customer_id, status)
    select * from unnest(cast(:ids as text[]), cast(:versions as int[]), cast(:numbers as text[]),
                         cast(:customers as text[]), cast(:statuses as text[]))
    on conflict (dispute_id) do update set version = excluded.version, status = excluded.status
    where disputes.version < excluded.version
    returning dispute_id
    """
)

_CASES_THAT_CREDITED = text(
    """
    select c.dispute_id, array_agg(distinct c.memo_item_id), max(s.amount) filter (where s.item_id = :item_id),
           count(distinct s.item_id) = 1
    from dispute_credits c join dispute_steps s using (dispute_id)
    where c.dispute_id in (select dispute_id from dispute_steps where item_id = :item_id)
    group by c.dispute_id order by c.dispute_id
    """
)


async def lock(session: AsyncSession, dispute_ids: Collection[str]) -> None:
    """Lock cases to the end of the transaction, also those of which there is no row yet."""
    await session.execute(_LOCK, {"ids": sorted(dispute_ids)})


async def put_newer(session: AsyncSession, events: Collection[DisputeEvent]) -> set[str]:
    """Write each case's state, given once, where it is newer than the one that is there; return the ids of those."""
    values = {
        "ids": [event.dispute.dispute_id for event in events],
        "versions": [event.version for event in events],
        "numbers": [event.dispute.number for event in events],
        "customers": [event.dispute.customer_id for event in events],
        "statuses": [event.dispute.status for event in events],
    }
    return set((await session.execute(_PUT_NEWER, values)).scalars())


async def item_ids_of(session: AsyncSession, dispute_ids: Collection[str]) -> set[str]:
    """Return the items of which cases dispute something."""
    statement = select(col(DisputedItemRow.item_id)).where(col(DisputedItemRow.dispute_id).in_(dispute_ids))
    return set(await session.scalars(statement))


async def replace_items(session: AsyncSession, amounts: Mapping[str, Mapping[str, Decimal]]) -> None:
    """Write what cases dispute of their items: amounts by item, by case."""
    await session.execute(delete(DisputedItemRow).where(col(DisputedItemRow.dispute_id).in_(amounts.keys())))
    rows = [
        {"dispute_id": dispute_id, "item_id": item_id, "amount": amount}
        for dispute_id, of_items in amounts.items()
        for item_id, amount in of_items.items()
    ]
    if rows:
        await session.execute(insert(DisputedItemRow), rows)


async def keep_steps(session: AsyncSession, steps: Collection[DisputeStepRow]) -> None:
    """Keep what cases dispute of items from now on."""
    session.add_all(steps)
    await session.flush()


async def totals(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of each item all cases together dispute; zero for those of which nothing is."""
    statement = (
        select(col(DisputedItemRow.item_id), func.sum(col(DisputedItemRow.amount)))
        .where(col(DisputedItemRow.item_id).in_(list(item_ids)))
        .group_by(col(DisputedItemRow.item_id))
    )
    found = dict((await session.execute(statement)).all())
    return {item_id: found.get(item_id, Decimal(0)) for item_id in item_ids}


async def cases_that_credited(session: AsyncSession, item_id: str) -> Sequence[CreditedCase]:
    """Return the cases over an item of which a decision was posted."""
    rows = await session.execute(_CASES_THAT_CREDITED, {"item_id": item_id})
    return [CreditedCase(*row) for row in rows]


async def credited(session: AsyncSession, dispute_id: str, version: int) -> bool:
    """Tell whether the decision of a case at this version was posted."""
    return await session.get(DisputeCreditRow, (dispute_id, version)) is not None


async def record_credit(session: AsyncSession, *, dispute_id: str, version: int, memo_item_id: str) -> None:
    """Remember that a decision was posted."""
    session.add(DisputeCreditRow(dispute_id=dispute_id, version=version, memo_item_id=memo_item_id))
    await session.flush()


LAWS = (
    {
        "name": "items_show_what_cases_dispute",
        "checked": "select count(*) from disputed_items",
        "broken": """
            select format('item %s (%s): disputed %s, by its cases %s', i.number, i.item_id, i.disputed_amount,
                          coalesce(d.amount, 0))
            from items i left join (select item_id, sum(amount) amount from disputed_items group by item_id) d using (item_id)
            where i.disputed_amount <> coalesce(d.amount, 0)""",
    },
    {
        "name": "every_credit_of_a_case_is_posted_once",
        "checked": "select count(*) from dispute_credits",
        "broken": """
            select format('case %s at version %s: memo %s, posted %s by case %s', c.dispute_id, c.version, c.memo_item_id,
                          p.item_id, p.dispute_id)
            from dispute_credits c full join (
                select e.dispute_id, l.item_id from journal_entries e join journal_lines l using (entry_id)
                where e.dispute_id is not null and e.kind = 'issue' and l.account = 'receivables') p
                on p.item_id = c.memo_item_id
            where p.dispute_id is distinct from c.dispute_id""",
    },
)
"""What must hold of what cases dispute, and of what was credited for them."""
