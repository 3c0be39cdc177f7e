"""The two statements that gather the facts of a round.

The first takes keys and accounts. The second reads what belongs to the checks, and it has to be one of its own: it must see
what was committed by whoever held a key or an account until the first took it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.check_rounds.domain import CheckAsk
from credit_service.credit_accounts.domain import Account
from credit_service.credit_accounts.repository import FACTS, LOCKED, LOCKED_IF_FREE, account_of
from credit_service.fulfilment.domain import Part
from credit_service.orders.domain import Order
from credit_service.orders.repository import BY_DELIVERY, COLUMNS, order_of_values
from credit_service.receivables.domain import Due, Dues
from credit_service.receivables.repository import DUES
from shared.answers import StoredAnswer
from shared.database import DriverStatement
from shared.values import value

_CLAIM_AND_LOCK = (
    "with claimed as materialized ("
    "select array_agg(pg_try_advisory_xact_lock(hashtextextended(r.caller || '|' || r.key, 1)) order by r.number) as taken "
    "from unnest(cast(:callers as text[]), cast(:keys as text[])) with ordinality as r(caller, key, number)), "
    f"locked as materialized ({FACTS}%s) "
    "select claimed.taken, locked.* from claimed left join locked on true"
)
_TAKE = DriverStatement(_CLAIM_AND_LOCK % LOCKED)
_TAKE_FREE = DriverStatement(_CLAIM_AND_LOCK % LOCKED_IF_FREE)

_PARTS = (
    "(select cast(json_agg(json_build_array(t.currency, t.amount, t.account_amount)) as text) from ("
    "select currency, cast(sum(amount) as text) as amount, cast(sum(account_amount) as text) as account_amount "
    "from {documents} where customer_id = k.customer_id and order_id = k.order_id and {live} group by currency) t)"
)
_INVOICED = _PARTS.format(documents="open_items", live="kind in ('invoice', 'debit_memo')")
_DELIVERED = _PARTS.format(documents="deliveries", live="status = 'delivered'")
_DUES = (
    "select cast(json_object_agg(d.due_date, json_build_object("
    "'balance', cast(d.balance as text), 'disputed', cast(d.disputed as text))) as text) "
    f"from ({DUES.format(whose='k.customer_id', as_of='k.dues_on')}) d"
)
_BY_DELIVERY = (
    "select cast(json_object_agg(d.delivery_date, cast(d.reserved as text)) as text) "
    f"from ({BY_DELIVERY.format(whose='k.customer_id')}) d"
)
_KNOWN = DriverStatement(
    f"select a.fingerprint, a.status, a.body, a.etag, {_INVOICED}, {_DELIVERED}, "
    f"case when k.dues_on is not null then ({_DUES}) end, case when k.by_delivery then ({_BY_DELIVERY}) end, "
    f"{', '.join('o.' + name for name in COLUMNS)} "
    "from unnest(cast(:customers as text[]), cast(:orders as text[]), cast(:callers as text[]), cast(:keys as text[]), "
    "cast(:dues_on as date[]), cast(:by_delivery as boolean[])) "
    "with ordinality as k(customer_id, order_id, caller, key, dues_on, by_delivery, number) "
    "left join lateral (select * from idempotency_keys where caller = k.caller and key = k.key limit 1) a on true "
    "left join lateral (select * from orders where order_id = k.order_id limit 1) o on true order by k.number"
)
"""One row for each check. `limit` keeps PostgreSQL from joining to whole tables, as it would while they are small."""
_parts = msgspec.json.Decoder(list[Part])
_dues = msgspec.json.Decoder(dict[date, Due])
_by_delivery = msgspec.json.Decoder(dict[date, Decimal])


@value(frozen=True, slots=True)
class Wanted:
    """What to read for a check: what is past due on a day, and what its customer has reserved by delivery date, if at all."""

    dues_on: date | None = None
    by_delivery: bool = False


@value(frozen=True, slots=True)
class KnownCheck:
    """What belongs to a check: the answer under its key with its fingerprint, the order as it was checked before, what
    invoices and deliveries of it sum up to by currency; `dues` and `by_delivery` where wanted.
    """

    print_: str | None
    answer: StoredAnswer | None
    order: Order | None
    invoiced: Sequence[Part]
    delivered: Sequence[Part]
    dues: Dues | None
    by_delivery: dict[date, Decimal] | None


async def take(
    session: AsyncSession, asks: Sequence[CheckAsk], customer_ids: Iterable[str], *, wait: bool
) -> tuple[list[bool], dict[str, Account]]:
    """Claim the keys of checks and lock accounts, those that are free unless `wait`.

    Return whether each check may go on (its key was taken, or it has none), and the accounts that were locked.
    """
    requests = [ask.request for ask in asks if ask.request is not None]
    rows = await (_TAKE if wait else _TAKE_FREE).run(
        session,
        {
            "callers": [one.caller for one in requests],
            "keys": [one.key for one in requests],
            "ids": sorted(customer_ids),
        },
    )
    claims = iter(rows[0][0] or ())
    taken = [ask.request is None or next(claims) for ask in asks]
    return taken, {row[1]: account_of(row[1:]) for row in rows if row[1] is not None}


async def known(session: AsyncSession, asks: Sequence[CheckAsk], wanted: Sequence[Wanted]) -> list[KnownCheck]:
    """Return what is known of each check."""
    rows = await _KNOWN.run(
        session,
        {
            "customers": [ask.customer_id for ask in asks],
            "orders": [ask.order_id for ask in asks],
            "callers": [ask.request.caller if ask.request else None for ask in asks],
            "keys": [ask.request.key if ask.request else None for ask in asks],
            "dues_on": [one.dues_on for one in wanted],
            "by_delivery": [one.by_delivery for one in wanted],
        },
    )
    return [_known(row) for row in rows]


def _known(row: Sequence[Any]) -> KnownCheck:
    print_, status, body, etag, invoiced, delivered, dues, by_delivery, *order = row
    return KnownCheck(
        print_,
        None if print_ is None else StoredAnswer(status, body, etag),
        None if order[0] is None else order_of_values(order),
        () if invoiced is None else _parts.decode(invoiced),
        () if delivered is None else _parts.decode(delivered),
        None if dues is None else _dues.decode(dues),
        None if by_delivery is None else _by_delivery.decode(by_delivery),
    )
