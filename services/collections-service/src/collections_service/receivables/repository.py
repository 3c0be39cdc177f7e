"""Every query and lock of the projection.

Locks, in this order: receipts that a message tells of, by id, for receipt and item tell of one payment in two messages and the
second must see the first; the service's judging lock (shared; a day's run takes it alone); the lock of each customer that is
touched, by number. Whoever writes anything about a customer has the customer's lock first, so a request and a message
never wait for each other crosswise. Two consumers that meet in batches of several customers may; the broker's consumer then
does one of the batches again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from collections_service.receivables.domain import (
    AgedAmount,
    Application,
    Basis,
    Dimension,
    KnownItem,
    ReceivedMoney,
    Standing,
)
from collections_service.receivables.tables import CustomerRow, DisputedItemRow, ItemRow
from collections_service.rows import Row
from shared.money import Money

_JUDGING = "hashtextextended('collections.judging', 0)"
_LOCK_CUSTOMERS = text(
    f"select pg_advisory_xact_lock_shared({_JUDGING}), pg_advisory_xact_lock(hashtextextended(id, 2)) "
    "from unnest(cast(:customer_ids as text[])) as ids(id)"
)
_LOCK_RECEIPTS = text(
    "select pg_advisory_xact_lock(hashtextextended(id, 4)) from unnest(cast(:receipt_ids as text[])) as ids(id)"
)
_LOCK_ALL = text(f"select pg_advisory_xact_lock({_JUDGING})")


async def lock_customers(session: AsyncSession, customer_ids: Iterable[str]) -> None:
    """Let nobody else write about these customers to the end of the transaction."""
    await session.execute(_LOCK_CUSTOMERS, {"customer_ids": sorted(set(customer_ids))})


async def lock_all_customers(session: AsyncSession) -> None:
    """Let nobody else write about any customer to the end of the transaction: for a day's run."""
    await session.execute(_LOCK_ALL)


@cache
def _newest(row: type[Row], key: str) -> Insert:
    """Return the statement that writes a state unless the one that is there is as new; made once, as making it is dear."""
    table = row.metadata.tables[str(row.__tablename__)]
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=[key],
        set_={column.name: statement.excluded[column.name] for column in table.c if column.name != key},
        where=table.c.version < statement.excluded.version,
    )


@cache
def _once(row: type[Row]) -> Insert:
    return insert(row.metadata.tables[str(row.__tablename__)]).on_conflict_do_nothing()


async def put_states(session: AsyncSession, row: type[Row], key: str, states: Sequence[Mapping[str, Any]]) -> None:
    """Store whole states of aggregates, whose key is the column `key`, where they are newer than what is there."""
    await session.execute(_newest(row, key), states)


@cache
def _newest_told(row: type[Row], key: str) -> ReturningInsert[str]:
    return _newest(row, key).returning(row.metadata.tables[str(row.__tablename__)].c[key])


async def put_newer(session: AsyncSession, row: type[Row], key: str, states: Sequence[Mapping[str, Any]]) -> set[str]:
    """Store aggregates' states, each given once, and return the keys of those that were newer than what was there."""
    return set((await session.execute(_newest_told(row, key), states)).scalars())


async def put_postings(session: AsyncSession, row: type[Row], postings: Sequence[Mapping[str, Any]]) -> None:
    """Store postings, each once."""
    await session.execute(_once(row), postings)


_FORGET_DISPUTED = text("delete from disputed_items where dispute_id = any(cast(:ids as text[]))")


async def replace_disputed_items(session: AsyncSession, amounts: Mapping[str, Mapping[str, Decimal]]) -> None:
    """Store what cases dispute of each item, in place of what was known of them: amounts by item, by case."""
    await session.execute(_FORGET_DISPUTED, {"ids": list(amounts)})
    rows = [
        {"dispute_id": dispute_id, "item_id": item_id, "disputed_amount": amount}
        for dispute_id, of_items in amounts.items()
        for item_id, amount in of_items.items()
    ]
    if rows:
        await session.execute(_once(DisputedItemRow), rows)


async def knows_customer(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether the customer's master data is here."""
    return await session.get(CustomerRow, customer_id) is not None


async def known_items(session: AsyncSession, item_ids: Sequence[str]) -> dict[str, KnownItem]:
    """Return those of the items that are here, by id."""
    columns = ItemRow.metadata.tables["items"].c
    rows = await session.execute(
        select(columns.item_id, columns.customer_id, columns.currency, columns.issue_date).where(
            columns.item_id.in_(item_ids)
        )
    )
    return {row.item_id: KnownItem(*row) for row in rows}


_NEWEST_ISSUE = text(
    "select max(issue_date) from items where customer_id = :customer_id and currency = :currency and issue_date <= :until"
)


async def newest_issue_date(session: AsyncSession, customer_id: str, currency: str, *, until: date) -> date | None:
    """Return the issue date of the newest item of a customer that is not younger than `until`."""
    values = {"customer_id": customer_id, "currency": currency, "until": until}
    newest: date | None = (await session.execute(_NEWEST_ISSUE, values)).scalar_one()
    return newest


_OWNERS = text(
    "select customer_id, currency from receipts where receipt_id = any(:receipt_ids) and customer_id is not null union "
    "select i.customer_id, i.currency from item_postings p join items i using (item_id) "
    "where p.receipt_id = any(:receipt_ids)"
)


async def customers_of_receipts(session: AsyncSession, receipt_ids: Collection[str]) -> set[tuple[str, str]]:
    """Lock receipts and return (customer, currency) of who sent them and of whose items they paid."""
    await session.execute(_LOCK_RECEIPTS, {"receipt_ids": sorted(receipt_ids)})
    rows = await session.execute(_OWNERS, {"receipt_ids": list(receipt_ids)})
    return {(row[0], row[1]) for row in rows}


_MONEY = text(
    """
    with mine as materialized (
        select receipt_id from receipts
        where customer_id = :customer_id and currency = :currency and value_date >= :since
        union
        select p.receipt_id from items i join item_postings p using (item_id)
        where i.customer_id = :customer_id and i.currency = :currency
          and p.receipt_id is not null and p.kind = 'payment' and p.value_date >= :since
    ), by_application as (
        -- A reversal takes back what its own application gave, never what another one did.
        -- Laterals with an offset have each posting and item looked up by its key, whatever the planner thinks of new tables.
        select p.receipt_id, p.item_id, i.customer_id, greatest(0, -sum(p.amount)) as amount,
               min(p.value_date) filter (where p.kind = 'payment') as value_date
        from mine
        cross join lateral (select * from item_postings x where x.receipt_id = mine.receipt_id offset 0) p
        cross join lateral (select * from items x where x.item_id = p.item_id offset 0) i
        where p.kind in ('payment', 'reversal') and i.currency = :currency
        group by p.receipt_id, p.item_id, i.customer_id, p.application_id
    ), by_item as materialized (
        select receipt_id, item_id, customer_id, sum(amount) as amount, min(value_date) as value_date
        from by_application group by receipt_id, item_id, customer_id
    )
    select m.receipt_id, r.customer_id, r.value_date, r.held, a.item_id, a.customer_id, a.amount, a.value_date
    from mine m
    left join lateral (select * from receipts x where x.receipt_id = m.receipt_id offset 0) r on true
    left join by_item a on a.receipt_id = m.receipt_id
    order by m.receipt_id
    """
)


async def received_money(session: AsyncSession, customer_id: str, currency: str, *, since: date) -> list[ReceivedMoney]:
    """Return the receipts with a value date from `since` on that a customer sent or that paid its items."""
    values = {"customer_id": customer_id, "currency": currency, "since": since}
    heads: dict[str, tuple[str | None, date | None, Decimal | None]] = {}
    applications: dict[str, list[tuple[Application, date | None]]] = defaultdict(list)
    for receipt_id, payer, received_on, held, item_id, owner, amount, paid_on in await session.execute(_MONEY, values):
        heads[receipt_id] = (payer, received_on, held)
        if item_id is not None:
            applications[receipt_id].append((Application(item_id, owner, Money(amount, currency)), paid_on))
    return [
        ReceivedMoney(
            receipt_id=receipt_id,
            customer_id=payer,
            value_date=received_on or min(day for _, day in applications[receipt_id] if day),
            held=None if held is None else Money(held, currency),
            applications=[application for application, _ in applications[receipt_id]],
        )
        for receipt_id, (payer, received_on, held) in heads.items()
    ]


_KEYS: dict[Dimension, str] = {
    "customer": "p.customer_id",
    "collector": "c.collector",
    "company": "p.company_code",
    "risk_class": "k.risk_class",
}


async def aged_amounts(
    session: AsyncSession,
    *,
    as_of: date,
    basis: Basis,
    starts: Sequence[date],
    group_by: Dimension,
    customer_id: str | None,
) -> list[AgedAmount]:
    """Return what the postings up to and with `as_of` sum to, by key, currency and bucket, unapplied cash apart.

    Items of `starts[0]` and later are bucket 0, those before it from `starts[1]` on bucket 1, and so on. Days are compared,
    never subtracted: an item may be due on the last day of the calendar, which is PostgreSQL's infinity.
    """
    only = "and {}.customer_id = :customer_id" if customer_id is not None else ""
    statement = text(
        f"""
        with p as (
            select i.customer_id, i.company_code, i.currency, x.amount,
                   :columns - width_bucket(i.{basis}, cast(:starts as date[])) as bucket
            from items i join item_postings x using (item_id)
            where x.posting_date <= :as_of {only.format("i")}
            union all
            select x.customer_id, x.company_code, x.currency, x.unapplied, null
            from receipt_postings x
            where x.posting_date <= :as_of and x.customer_id is not null {only.format("x")}
        )
        select {_KEYS[group_by]}, p.currency, p.bucket, sum(p.amount)
        from p left join customers c using (customer_id) left join customer_credit k using (customer_id)
        group by 1, 2, 3 order by 1 nulls last, 2, 3
        """
    )
    values = {"as_of": as_of, "starts": sorted(starts), "columns": len(starts), "customer_id": customer_id}
    if customer_id is None:
        del values["customer_id"]
    return [
        AgedAmount(key, bucket, Money(amount, currency))
        for key, currency, bucket, amount in await session.execute(statement, values)
    ]


_STANDINGS = text(
    """
    with balances as (
        select i.item_id, i.customer_id, i.currency, i.due_date, p.balance
        from items i join (
            select item_id, sum(amount) as balance from item_postings
            where posting_date <= :as_of group by item_id having sum(amount) <> 0
        ) p using (item_id)
    ), open_disputes as (
        select * from disputes where status not in ('closed', 'void') and opened_on <= :as_of
    ), disputed as (
        select i.item_id, sum(i.disputed_amount) as amount
        from disputed_items i join open_disputes using (dispute_id) group by i.item_id
    ), parts as (
        select b.customer_id, b.currency,
               coalesce(sum(b.balance) filter (where b.due_date < :as_of), 0) as past_due,
               coalesce(sum(b.balance) filter (where b.due_date = :as_of), 0) as due,
               coalesce(sum(least(coalesce(d.amount, 0), b.balance)) filter (where b.due_date <= :as_of and b.balance > 0),
                        0) as disputed,
               0 as unapplied, min(b.due_date) filter (where b.balance > 0) as oldest_due_date,
               0 as disputes, 0 as holds
        from balances b left join disputed d using (item_id) group by 1, 2
        union all
        select customer_id, currency, 0, 0, 0, sum(unapplied), null, 0, 0
        from receipt_postings where posting_date <= :as_of and customer_id is not null
        group by 1, 2 having sum(unapplied) <> 0
        union all
        select customer_id, currency, 0, 0, 0, 0, null, count(*), 0 from open_disputes group by 1, 2
        union all
        select customer_id, currency, 0, 0, 0, 0, null, 0, count(*) from orders where status = 'held' group by 1, 2
    )
    select p.customer_id, p.currency, c.name, c.collector, k.risk_class, sum(past_due), sum(due), sum(disputed),
           sum(unapplied), min(oldest_due_date), sum(disputes), sum(holds)
    from parts p left join customers c using (customer_id) left join customer_credit k using (customer_id)
    where cast(:collector as text) is null or c.collector = :collector
    group by 1, 2, 3, 4, 5 order by 1, 2
    """
)


async def standings(session: AsyncSession, *, as_of: date, collector: str | None) -> list[Standing]:
    """Return how every customer stands as of a day, or those of one collector, by number and currency.

    Balances and unapplied cash are those of the postings up to and with the day; disputes and holds the present ones.
    """
    rows = await session.execute(_STANDINGS, {"as_of": as_of, "collector": collector})
    return [
        Standing(
            customer_id=row[0],
            currency=row[1],
            name=row[2],
            collector=row[3],
            risk_class=row[4],
            past_due=Money(row[5], row[1]),
            due=Money(row[6], row[1]),
            disputed=Money(row[7], row[1]),
            unapplied=Money(row[8], row[1]),
            oldest_due_date=row[9],
            disputes=int(row[10]),
            holds=int(row[11]),
        )
        for row in rows
    ]
