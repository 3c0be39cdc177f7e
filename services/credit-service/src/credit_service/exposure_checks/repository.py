"""Set-based queries over all accounts and all their documents."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.exposure_checks.domain import State

_ONE_MOMENT = text("set transaction isolation level repeatable read, read only")
_ROOM = text("set local work_mem = '128MB'")
COLUMNS = ("open_orders", "delivered", "open_items", "special", "unapplied", "unconverted")

_SUMS = """
select customer_id, sum(open_orders) as open_orders, sum(delivered) as delivered, sum(open_items) as open_items,
       sum(special) as special, sum(unapplied) as unapplied, sum(unconverted) as unconverted, min(due) as oldest_due_date
from (
    select customer_id, reserved as open_orders, 0 as delivered, 0 as open_items, 0 as special, 0 as unapplied,
           0 as unconverted, null::date as due
    from orders where reserved > 0 {mine}
    union all
    select customer_id, 0, account_open, 0, 0, 0, 0, null from deliveries where open_amount > 0 {mine}
    union all
    select customer_id, 0, 0, case when kind = 'down_payment_request' then 0 else account_balance end,
           case when kind = 'down_payment_request' then greatest(account_balance, 0) else 0 end, 0,
           (rate is null)::int, case when balance > 0 then due_date end
    from open_items where balance <> 0 {mine}
    union all
    select customer_id, 0, 0, 0, account_amount, 0, 0, null
    from guarantees where kind = 'given' and status = 'valid' {mine}
    union all
    select customer_id, 0, 0, 0, 0, account_cash, (rate is null)::int, null
    from receipts where cash <> 0 and customer_id is not null {mine}
) as documents group by customer_id
"""
_WRONG_COLUMNS = text(
    "select a.customer_id, "
    + ", ".join(f"a.{name} as ours_{name}, coalesce(s.{name}, 0) as theirs_{name}" for name in COLUMNS)
    + ", a.oldest_due_date as ours_oldest_due_date, s.oldest_due_date as theirs_oldest_due_date "
    f"from credit_accounts a left join ({_SUMS.format(mine='')}) as s using (customer_id) "
    "where a.oldest_due_date is distinct from s.oldest_due_date or "
    + " or ".join(f"a.{name} <> coalesce(s.{name}, 0)" for name in COLUMNS)
    + " order by a.customer_id"
)
_SUMS_OF_ONE = text(_SUMS.format(mine="and customer_id = :customer_id"))
# Orders whose documents are all in the order's own currency: of these the law needs no rate.
_WRONG_ORDERS = text(
    "with taken as (select customer_id, order_id, sum(invoiced) as invoiced, sum(delivered) as delivered, "
    "sum(not_invoiced) as not_invoiced, min(currency) as first, max(currency) as last from ("
    "select customer_id, order_id, amount as invoiced, 0 as delivered, 0 as not_invoiced, currency from open_items "
    "where order_id is not null and kind in ('invoice', 'debit_memo') "
    "union all select customer_id, order_id, 0, amount, open_amount, currency from deliveries where status = 'delivered'"
    ") as documents group by customer_id, order_id) "
    "select o.customer_id, o.order_id, o.currency, o.open_amount, o.delivered_amount, "
    "case when o.status in ('cancelled', 'rejected') then 0 "
    "else greatest(o.amount - greatest(coalesce(t.invoiced, 0), coalesce(t.delivered, 0)), 0) end as open_expected, "
    "greatest(coalesce(t.delivered, 0) - coalesce(t.invoiced, 0), 0) as delivered_expected, "
    "coalesce(t.not_invoiced, 0) as not_invoiced "
    "from orders o left join taken t using (customer_id, order_id) "
    "where coalesce(t.first = o.currency and t.last = o.currency, true) and ("
    "o.open_amount <> case when o.status in ('cancelled', 'rejected') then 0 "
    "else greatest(o.amount - greatest(coalesce(t.invoiced, 0), coalesce(t.delivered, 0)), 0) end "
    "or o.delivered_amount <> greatest(coalesce(t.delivered, 0) - coalesce(t.invoiced, 0), 0) "
    "or o.delivered_amount <> coalesce(t.not_invoiced, 0)) order by 1, 2"
)
_COUNTS = text(
    "select (select count(*) from credit_accounts) as accounts, (select count(*) from orders) "
    "+ (select count(*) from deliveries) + (select count(*) from open_items) + (select count(*) from receipts) "
    "+ (select count(*) from guarantees) as documents"
)
# As the owner of items and receipts reckons its own (cashapp-service, document_states).
_DIGESTS = text(
    "select customer_id, bit_xor(('x' || left(md5(content), 16))::bit(64)::bigint) as digest from ("
    "select customer_id, concat_ws('|', item_id, kind, coalesce(order_id, ''), amount, balance, currency, due_date) as content "
    "from open_items where customer_id > :after and (cast(:up_to as text) is null or customer_id <= :up_to) "
    "union all select customer_id, concat_ws('|', receipt_id, 'receipt', cash, currency) "
    "from receipts where customer_id > :after and (cast(:up_to as text) is null or customer_id <= :up_to)"
    ") as documents group by customer_id"
)
_STATES = (
    "select item_id as id, kind, version, customer_id, order_id, amount, balance, currency, due_date from open_items "
    "where {which_item} union all "
    "select receipt_id, 'receipt', version, customer_id, null, null, cash, currency, null from receipts where {which_receipt}"
)
_STATES_OF = text(_STATES.format(which_item="customer_id = :customer_id", which_receipt="customer_id = :customer_id"))
_STATES_BY_ID = text(_STATES.format(which_item="item_id = any(:ids)", which_receipt="receipt_id = any(:ids)"))


async def see_one_moment(session: AsyncSession) -> None:
    """Have everything that this session reads be of one moment; to be called before it reads anything."""
    await session.execute(_ONE_MOMENT)
    await session.execute(_ROOM)


async def counts(session: AsyncSession) -> tuple[int, int]:
    """Return how many accounts and documents there are."""
    row = (await session.execute(_COUNTS)).one()
    return row.accounts, row.documents


async def wrong_columns(session: AsyncSession) -> list[Row[*tuple[Any, ...]]]:
    """Return the accounts whose columns are not the sums of their documents."""
    return list((await session.execute(_WRONG_COLUMNS)).all())


async def wrong_orders(session: AsyncSession) -> list[Row[*tuple[Any, ...]]]:
    """Return the orders whose open or delivered amount does not follow from their documents."""
    return list((await session.execute(_WRONG_ORDERS)).all())


async def sums_of(session: AsyncSession, customer_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return what the documents of one customer sum up to, None where there are none."""
    return (await session.execute(_SUMS_OF_ONE, {"customer_id": customer_id})).one_or_none()


async def digests(session: AsyncSession, *, after: str, up_to: str | None) -> dict[str, int]:
    """Return the digest of each customer behind `after` up to and including `up_to`, or of all behind it."""
    return {row[0]: row[1] for row in await session.execute(_DIGESTS, {"after": after, "up_to": up_to})}


async def states_of(session: AsyncSession, customer_id: str) -> dict[str, State]:
    """Return the documents of a customer, by their identifier."""
    return _states((await session.execute(_STATES_OF, {"customer_id": customer_id})).all())


async def states_by_id(session: AsyncSession, ids: Iterable[str]) -> dict[str, State]:
    """Return documents, whoever's they are here, by their identifier."""
    return _states((await session.execute(_STATES_BY_ID, {"ids": list(ids)})).all())


def _states(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[str, State]:
    return {row.id: State(**row._mapping, document_date=None) for row in rows}
