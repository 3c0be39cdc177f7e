"""Queries of a close pack: all figures come from the postings up to the period's last day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.close_packs.domain import AGING

_BETWEEN = [
    (name, f"late between {-9_999_999 if first is None else first} and {9_999_999 if last is None else last}")
    for name, first, last in AGING
]
_SUMS = ", ".join(f'coalesce(sum(balance) filter (where {days}), 0) "{name}"' for name, days in _BETWEEN)
_SHOWN = ", ".join(f'coalesce("{name}", 0) "{name}"' for name, _ in _BETWEEN)
_TRIAL_BALANCE = text(
    """
    select account, currency, sum(debit) debit, sum(credit) credit from journal_lines
    where company_code = :company_code and posting_date <= :last_day group by account, currency order by currency, account
    """
)
_AGING = text(
    f"""
    with open_items as (
        select i.customer_id, b.currency, cast(:last_day as date) - i.due_date late, b.balance
        from (select item_id, currency, sum(debit - credit) balance from journal_lines
              where account = 'receivables' and company_code = :company_code and posting_date <= :last_day
              group by item_id, currency having sum(debit - credit) <> 0) b join items i using (item_id)),
    owed as (select customer_id, currency, sum(balance) total, {_SUMS} from open_items group by customer_id, currency),
    held as (
        select customer_id, currency, sum(credit - debit) unapplied from journal_lines
        where account in ('unapplied_cash', 'on_account_cash') and company_code = :company_code
              and posting_date <= :last_day and customer_id is not null
        group by customer_id, currency having sum(credit - debit) <> 0)
    select f.*, coalesce(c.names ->> 0, '') "name"
    from (select customer_id, currency, {_SHOWN}, coalesce(total, 0) total, coalesce(unapplied, 0) unapplied
          from owed full join held using (customer_id, currency)) f left join customers c on c.customer_id = f.customer_id
    order by f.currency, f.customer_id
    """
)
_HELD = text(
    """
    select r.receipt_id, h.account, r.customer_id, r.payer_name, r.value_date, h.currency, h.amount
    from (select receipt_id, account, currency, sum(credit - debit) amount from journal_lines
          where account in ('unidentified_cash', 'unapplied_cash', 'on_account_cash') and company_code = :company_code
                and posting_date <= :last_day
          group by receipt_id, account, currency having sum(credit - debit) <> 0) h join receipts r using (receipt_id)
    order by h.account desc, r.value_date, r.receipt_id
    """
)
_EXCEPTIONS = text(
    """
    select exception_id id, customer_id, reason, value_date, deadline_on, currency, amount from payment_exceptions
    where company_code = :company_code and value_date <= :last_day and (resolved_at is null or resolved_at > :at)
    order by deadline_on, exception_id
    """
)


async def trial_balance(session: AsyncSession, company_code: str, last_day: date) -> Sequence[Any]:
    """Return debit and credit of every account and currency."""
    return await _rows(session, _TRIAL_BALANCE, company_code, last_day)


async def aging(session: AsyncSession, company_code: str, last_day: date) -> Sequence[Any]:
    """Return what each customer owes by days past due, and what is held of its money."""
    return await _rows(session, _AGING, company_code, last_day)


async def held_cash(session: AsyncSession, company_code: str, last_day: date) -> Sequence[Any]:
    """Return the money of receipts that no item has got."""
    return await _rows(session, _HELD, company_code, last_day)


async def open_exceptions(session: AsyncSession, company_code: str, last_day: date, at: datetime) -> Sequence[Any]:
    """Return the payment exceptions of a day or before that were not settled at an instant."""
    return await _rows(session, _EXCEPTIONS, company_code, last_day, at=at)


async def _rows(session: AsyncSession, statement: Any, company_code: str, last_day: date, **more: Any) -> Sequence[Any]:
    values = {"company_code": company_code, "last_day": last_day} | more
    return (await session.execute(statement, values)).all()
