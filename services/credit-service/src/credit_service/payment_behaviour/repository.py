"""Queries of the projection."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.payment_behaviour.domain import RECENT_DAYS, WINDOW_DAYS, CurrencyRecord
from credit_service.payment_behaviour.tables import PaymentRecordRow

# What counts: settled in the window other than by a credit memo, or open past due; `day` is when it was settled, else `as_of`.
_RECORDS = text(
    f"""
    with mine as (
        select customer_id, currency, kind, issue_date, due_date, amount, settled_by,
            case when settled_on <= :as_of then settled_on end as settled_on
        from payment_records where customer_id = any(:ids) and issue_date <= :as_of
    ), weighed as (
        select *, kind in ('invoice', 'debit_memo') and case
                when settled_on is null then due_date < :as_of
                else settled_on > cast(:as_of as date) - {WINDOW_DAYS} and settled_by <> 'credit' end as counts,
            settled_on is null or settled_on > cast(:as_of as date) - {RECENT_DAYS} as recent,
            coalesce(settled_on, :as_of) - due_date as days
        from mine
    ), moves as (
        select customer_id, currency, issue_date as day, amount from mine where kind <> 'down_payment_request'
        union all select customer_id, currency, settled_on, -amount from mine
            where settled_on is not null and kind <> 'down_payment_request'
    ), open_at as (
        select customer_id, currency, sum(sum(amount)) over w as amount, lead(day) over w as until
        from moves group by customer_id, currency, day window w as (partition by customer_id, currency order by day)
    ), highest as (
        select customer_id, currency, max(amount) as amount from open_at
        where until is null or until > cast(:as_of as date) - {WINDOW_DAYS} group by customer_id, currency
    )
    select w.customer_id, w.currency,
        count(*) filter (where counts),
        count(*) filter (where counts and days > 0),
        coalesce(sum(w.amount) filter (where counts and recent), 0),
        coalesce(sum(w.amount * days) filter (where counts and recent), 0),
        coalesce(sum(w.amount) filter (where counts and not recent), 0),
        coalesce(sum(w.amount * days) filter (where counts and not recent), 0),
        coalesce(sum(w.amount) filter (where kind <> 'down_payment_request'
            and issue_date > cast(:as_of as date) - {WINDOW_DAYS}), 0),
        greatest(coalesce(max(h.amount), 0), 0),
        min(issue_date)
    from weighed w left join highest h on h.customer_id = w.customer_id and h.currency = w.currency
    group by w.customer_id, w.currency
    """
)


def _save_if_newer() -> Insert:
    """Return the statement that writes a state where it is newer; made once, as making it is dear."""
    statement = insert(PaymentRecordRow.__table__)  # type: ignore[attr-defined]
    changed = {name: statement.excluded[name] for name in PaymentRecordRow.model_fields if name != "item_id"}
    newer = PaymentRecordRow.version < statement.excluded.version
    return statement.on_conflict_do_update(index_elements=["item_id"], set_=changed, where=newer)


_SAVE_IF_NEWER = _save_if_newer()


async def save_if_newer(session: AsyncSession, states: Sequence[Mapping[str, Any]]) -> None:
    """Store items' states, each item once, unless newer ones are known."""
    await session.execute(_SAVE_IF_NEWER, [dict(state) for state in states])


async def records(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, list[CurrencyRecord]]:
    """Return the sums of each customer's items by currency as of a day; customers without items are left out."""
    found: dict[str, list[CurrencyRecord]] = {}
    for customer_id, *rest in await session.execute(_RECORDS, {"ids": list(customer_ids), "as_of": as_of}):
        found.setdefault(customer_id, []).append(CurrencyRecord(*rest))
    return found
