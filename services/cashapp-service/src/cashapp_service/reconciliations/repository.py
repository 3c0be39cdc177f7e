"""Queries of a cash reconciliation: statements and their entries on one side, the ledger's lines on cash on the other.

The one thing to know: a line belongs to the house bank account whose statement brought its receipt, as long as it is posted where
the receipt was; else to the only one that has the line's ledger account; else to none.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.bank_statements.domain.known_entries import StoredStatement
from cashapp_service.ledger.domain import Account
from cashapp_service.reconciliations.domain import Debit, NegativePosting, StatementFacts
from cashapp_service.reconciliations.domain.pairing import DAYS_APART_MAX
from shared.money import exact

LISTED_MAX = 200
"""Facts listed of each cause; count and amount are of all."""
NOT_CASH = [str(one) for one in Account if one != Account.CASH]
"""What a house bank account cannot have as its ledger account (`bank_accounts/domain.py`); all else is money in the bank."""

_ACCOUNTS = text(
    """
    select account, currency, company_code, ledger_account, name from bank_accounts
    where company_code = coalesce(cast(:company_code as text), company_code) order by account
    """
)
_STATEMENTS = text(
    """
    select s.account, s.statement_id, s.number, s.currency, s.opening_balance, s.opening_date, s.closing_balance,
           s.closing_date, s.proved, coalesce(e.again, false) again, coalesce(e.until, 0) entries_until,
           coalesce(e.total, 0) entries_sum
    from statements s join bank_accounts b using (account) left join (
        select statement_id, bool_or(known_as is not null) again, sum(amount) total,
               sum(amount) filter (where booking_date <= :last_day) until
        from statement_entries group by statement_id) e using (statement_id)
    where b.company_code = coalesce(cast(:company_code as text), b.company_code)
    order by s.account, s.opening_date, s.statement_id
    """
)
_FACTS = """
    with stated as (
        select distinct on (e.receipt_id) e.receipt_id, e.account, e.booking_date, r.ledger_account
        from statement_entries e join receipts r using (receipt_id)
        where e.known_as is null order by e.receipt_id, e.entry_id),
    only_one as (
        select company_code, currency, ledger_account, min(account) account from bank_accounts
        group by company_code, currency, ledger_account having count(*) = 1),
    book as (
        select l.posting_id, l.company_code, l.currency, l.account ledger_account, l.posting_date, j.value_date, j.kind,
               l.debit - l.credit amount, l.receipt_id, coalesce(s.account, o.account) account,
               coalesce(j.kind = 'receipt' and s.booking_date <= :last_day
                        and row_number() over (partition by l.receipt_id, j.kind order by j.sequence) = 1, false) stated
        from journal_lines l
        join journal_entries j on j.entry_id = l.entry_id
        left join stated s on s.receipt_id = l.receipt_id and s.ledger_account = l.account
        left join only_one o on (o.company_code, o.currency, o.ledger_account) = (l.company_code, l.currency, l.account)
        where l.account <> all(cast(:not_cash as text[])) and l.posting_date <= :last_day
              and l.company_code = coalesce(cast(:company_code as text), l.company_code)),
    bank as (
        select e.entry_id, e.statement_id, e.account, e.booking_date, e.value_date, e.amount, e.currency, e.receipt_id,
               e.bank_reference, concat_ws(': ', e.payer_name, nullif(left(e.purpose, 140), '')) words,
               exists (select from book where book.receipt_id = e.receipt_id and book.kind = 'receipt') booked
        from statement_entries e join bank_accounts b using (account)
        where e.known_as is null and e.booking_date <= :last_day
              and b.company_code = coalesce(cast(:company_code as text), b.company_code))
"""
_BOOK_SUMS = text(
    _FACTS
    + """select company_code, account, ledger_account, currency, sum(amount) balance from book
         group by company_code, account, ledger_account, currency order by company_code, ledger_account, currency, account"""
)
_PAIRABLE = text(
    _FACTS
    + """
    select e.entry_id, e.account, e.currency, e.amount, e.booking_date, e.value_date, e.bank_reference, p.posting_id,
           p.posting_date, r.bank_reference receipt_reference
    from bank e join book p on p.account = e.account and p.amount = e.amount
                and (abs(e.booking_date - p.posting_date) <= :days or abs(e.value_date - p.posting_date) <= :days)
    left join receipts r on r.receipt_id = p.receipt_id
    where e.amount < 0 and not e.booked and not p.stated
    """
)
_NOT_BOOKED = text(
    _FACTS
    + """
    select * from (
        select account, currency, amount > 0 credit, entry_id id, booking_date "on", value_date, amount, receipt_id,
               statement_id, words, row_number() over cause "row", count(*) over whole how_many, sum(amount) over whole total,
               max(booking_date) over whole latest
        from bank where not booked and entry_id <> all(cast(:paired as text[]))
        window whole as (partition by account, amount > 0),
               cause as (partition by account, amount > 0 order by booking_date desc, entry_id desc)) facts
    where "row" <= :listed order by account, credit, "row"
    """
)
_NOT_STATED = text(
    _FACTS
    + """
    select facts.*, null statement_id, concat_ws(': ', coalesce(r.customer_id, r.payer_name), r.reference) words from (
        select company_code, account, ledger_account, currency, case when kind in ('receipt', 'return', 'refund') then kind
               else 'other' end kind, posting_id id, posting_date "on", value_date, -amount amount, receipt_id,
               row_number() over cause "row", count(*) over whole how_many, sum(-amount) over whole total,
               max(posting_date) over whole latest
        from book where not stated and posting_id <> all(cast(:paired as text[]))
        window whole as (partition by company_code, account, ledger_account, currency,
                                      case when kind in ('receipt', 'return', 'refund') then kind else 'other' end),
               cause as (partition by company_code, account, ledger_account, currency,
                                      case when kind in ('receipt', 'return', 'refund') then kind else 'other' end
                         order by posting_date, posting_id)) facts
    left join receipts r on r.receipt_id = facts.receipt_id
    where "row" <= :listed order by company_code, account, ledger_account, currency, kind, "row"
    """
)


async def accounts(session: AsyncSession, company_code: str | None) -> Sequence[Any]:
    """Return the house bank accounts of one company code, or of all."""
    return (await session.execute(_ACCOUNTS, {"company_code": company_code})).all()


async def statements(
    session: AsyncSession, company_code: str | None, last_day: date
) -> dict[str, list[StatementFacts]]:
    """Return all statements by account, also later ones: they may say that nothing is missing before them."""
    found: dict[str, list[StatementFacts]] = {}
    values = {"company_code": company_code, "last_day": last_day}
    for row in await session.execute(_STATEMENTS, values):
        stored = StoredStatement(
            statement_id=row.statement_id,
            number=row.number,
            opening_balance=_exact(row.opening_balance, row.currency),
            opening_date=row.opening_date,
            closing_balance=_exact(row.closing_balance, row.currency),
            closing_date=row.closing_date,
        )
        until, total = (exact(one, row.currency) for one in (row.entries_until, row.entries_sum))
        found.setdefault(row.account, []).append(StatementFacts(stored, row.proved, row.again, until, total))
    return found


def _exact(amount: Decimal | None, currency: str) -> Decimal | None:
    return None if amount is None else exact(amount, currency)


async def book_sums(session: AsyncSession, company_code: str | None, last_day: date) -> Sequence[Any]:
    """Return (company code, house bank account or None, ledger account, currency, balance) of the ledger's cash."""
    return (await session.execute(_BOOK_SUMS, _values(company_code, last_day))).all()


async def pairable(
    session: AsyncSession, company_code: str | None, last_day: date
) -> tuple[list[Debit], list[NegativePosting]]:
    """Return the debits of statements, and the postings, for which the other side has something that may be it."""
    debits: dict[str, Debit] = {}
    postings: dict[str, NegativePosting] = {}
    values = _values(company_code, last_day) | {"days": DAYS_APART_MAX}
    for row in await session.execute(_PAIRABLE, values):
        debits[row.entry_id] = Debit(
            row.entry_id, row.account, row.amount, row.booking_date, row.value_date, row.bank_reference
        )
        postings[row.posting_id] = NegativePosting(
            row.posting_id, row.account, row.amount, row.posting_date, row.receipt_reference
        )
    return list(debits.values()), list(postings.values())


async def not_booked(
    session: AsyncSession, company_code: str | None, last_day: date, *, paired: Sequence[str]
) -> Sequence[Any]:
    """Return what is on statements and not in the books: the latest of each account and direction, with count and sum of all."""
    values = _values(company_code, last_day) | {"paired": list(paired), "listed": LISTED_MAX}
    return (await session.execute(_NOT_BOOKED, values)).all()


async def not_stated(
    session: AsyncSession, company_code: str | None, last_day: date, *, paired: Sequence[str]
) -> Sequence[Any]:
    """Return what is in the books and on no statement: the oldest of each account and kind, with count and sum of all.

    Amounts are as they count in bank balance less book balance.
    """
    values = _values(company_code, last_day) | {"paired": list(paired), "listed": LISTED_MAX}
    return (await session.execute(_NOT_STATED, values)).all()


def _values(company_code: str | None, last_day: date) -> dict[str, Any]:
    return {"company_code": company_code, "last_day": last_day, "not_cash": NOT_CASH}
