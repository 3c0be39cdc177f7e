"""The documents that an exposure is made of, put together of what each capability counts."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.http.pagination import InvalidCursorError, PageRequest

_ONE_MOMENT = text("set transaction isolation level repeatable read, read only")
# Each line tells how many units of the account's currency a document adds to its category; cash lowers the total by them.
_COUNTED = """
select 1 as place, 'open_orders' as category, 'order' as kind, order_id as id, '' as part, order_id,
       open_amount as amount, currency, rate, reserved as counts
from orders where customer_id = :customer_id and reserved > 0
union all
select 2, 'delivered', 'delivery', order_id, delivery_id, order_id, open_amount, currency, rate, account_open
from deliveries where customer_id = :customer_id and open_amount > 0
union all
select 3, 'open_items', kind, item_id, '', order_id, balance, currency, rate, account_balance
from open_items where customer_id = :customer_id and balance <> 0 and kind <> 'down_payment_request'
union all
select 4, 'special', kind, item_id, '', order_id, balance, currency, rate, account_balance
from open_items where customer_id = :customer_id and balance > 0 and kind = 'down_payment_request'
union all
select 5, 'special', 'guarantee', guarantee_id, '', null, amount, currency, rate, account_amount
from guarantees where customer_id = :customer_id and kind = 'given' and status = 'valid'
union all
select 6, 'unapplied', 'receipt', receipt_id, '', null, cash, currency, rate, account_cash
from receipts where customer_id = :customer_id and cash <> 0
"""
_FIRST = (0, "", "")
_PAGE = text(
    f"select * from ({_COUNTED}) as counted where (place, id, part) > (:place, :id, :part) "
    "order by place, id, part limit :most"
)


async def see_one_moment(session: AsyncSession) -> None:
    """Have everything that this session reads be of one moment; to be called before it reads anything."""
    await session.execute(_ONE_MOMENT)


async def documents(
    session: AsyncSession, customer_id: str, page: PageRequest
) -> tuple[list[Row[*tuple[Any, ...]]], str | None]:
    """Return a page of a customer's counted documents, category by category, and the next cursor."""
    place, id_, part = page.key(len(_FIRST)) or _FIRST
    if [type(one) for one in (place, id_, part)] != [int, str, str]:
        raise InvalidCursorError
    asked = {"customer_id": customer_id, "place": place, "id": id_, "part": part, "most": page.limit + 1}
    rows = list((await session.execute(_PAGE, asked)).all())
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    return shown, page.cursor_behind((shown[-1].place, shown[-1].id, shown[-1].part)) if more else None
