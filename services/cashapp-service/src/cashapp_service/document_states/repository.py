"""The states of many documents in one statement each."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

# Digests are compared with those of another database, so that what goes into one is written out here in full.
_DIGEST = """
select customer_id, count(*) as documents, bit_xor(('x' || left(md5(content), 16))::bit(64)::bigint) as digest from (
    select customer_id, concat_ws('|', item_id, kind, coalesce(order_id, ''), amount, balance, currency, due_date) as content
    from items where customer_id > :after and customer_id <= :up_to
    union all
    select customer_id, concat_ws('|', receipt_id, 'receipt', on_account + unapplied, currency)
    from receipts where customer_id > :after and customer_id <= :up_to
) as documents group by customer_id order by customer_id
"""
_LAST_OF_PAGE = text(
    "select max(customer_id) from (select customer_id from ("
    "(select distinct customer_id from items where customer_id > :after order by customer_id limit :most) "
    "union (select distinct customer_id from receipts where customer_id > :after order by customer_id limit :most)"
    ") as either order by customer_id limit :most) as page"
)
_DIGESTS = text(_DIGEST)
_STATES = text(
    "select * from ("
    "select item_id as id, kind, version, customer_id, order_id, amount, balance, currency, "
    "issue_date as document_date, due_date from items where customer_id = :customer_id and item_id > :after "
    "union all "
    "select receipt_id, 'receipt', version, customer_id, null, amount, on_account + unapplied, currency, value_date, null "
    "from receipts where customer_id = :customer_id and receipt_id > :after"
    ") as states order by id limit :most"
)


async def digests(session: AsyncSession, *, after: str, most: int) -> tuple[list[Row[*tuple[Any, ...]]], str | None]:
    """Return the digests of the next customers behind `after`, and the last of them; None where there are no more."""
    up_to = await session.scalar(_LAST_OF_PAGE, {"after": after, "most": most})
    if up_to is None:
        return [], None
    return list((await session.execute(_DIGESTS, {"after": after, "up_to": up_to})).all()), up_to


async def states(session: AsyncSession, customer_id: str, *, after: str, most: int) -> list[Row[*tuple[Any, ...]]]:
    """Return the states of a customer's documents, cleared ones too, by identifier behind `after`."""
    asked = {"customer_id": customer_id, "after": after, "most": most}
    return list((await session.execute(_STATES, asked)).all())
