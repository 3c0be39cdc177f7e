"""Reconciling cash: gather both sides, pair what is the same event told twice, and name every cause of the difference."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.reconciliations import repository
from cashapp_service.reconciliations.domain import (
    BOOK_SIDE,
    Cause,
    CauseKind,
    Listed,
    Reconciliation,
    StatementFacts,
    bank_balance,
    bank_causes,
    pair,
)
from cashapp_service.reconciliations.domain.reconciliation import DETAIL
from shared.money import exact

Owner = tuple[str, str | None, str, str]
"""Company code, house bank account, ledger account, currency. Without a house bank account, the ledger account stands for it."""

_NO_BANK_ACCOUNT = (
    "No house bank account has this ledger account, or several share it, and no statement brought this money:"
    " give each house bank account a ledger account of its own (PUT /v1/bank-accounts/{account})."
)


async def reconcile_cash(
    session: AsyncSession, *, first_day: date, last_day: date, company_code: str | None
) -> list[Reconciliation]:
    """Return the reconciliation of every house bank account at the end of `last_day`, and of cash without one.

    The book balances add up to all that the ledger holds on cash accounts.
    """
    statements = await repository.statements(session, company_code, last_day)
    debits, postings = await repository.pairable(session, company_code, last_day)
    pairs = pair(debits, postings)
    not_booked = await repository.not_booked(session, company_code, last_day, paired=[one.entry_id for one in pairs])
    not_stated = await repository.not_stated(session, company_code, last_day, paired=[one.posting_id for one in pairs])
    sums = await repository.book_sums(session, company_code, last_day)
    days = (first_day, last_day)
    return [
        *_of_accounts(
            await repository.accounts(session, company_code),
            statements,
            {account: sum((row.balance for row in rows), Decimal(0)) for account, rows in _by_account(sums).items()},
            _merged(_bank_side(not_booked, days), _book_side(_by_account(not_stated), days)),
            days,
        ),
        *_without_account(sums, not_stated, days),
    ]


def _by_account(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.account is not None:
            found[row.account].append(row)
    return found


def _merged(*sides: Mapping[str, list[Cause]]) -> dict[str, list[Cause]]:
    return {account: [one for side in sides for one in side.get(account, ())] for account in {*sides[0], *sides[1]}}


def _of_accounts(
    accounts: Sequence[Any],
    statements: Mapping[str, list[StatementFacts]],
    balances: Mapping[str, Decimal],
    causes: Mapping[str, list[Cause]],
    days: tuple[date, date],
) -> Iterable[Reconciliation]:
    for row in accounts:
        stated = statements.get(row.account, [])
        yield Reconciliation(
            company_code=row.company_code,
            account=row.account,
            name=row.name,
            currency=row.currency,
            ledger_account=row.ledger_account,
            bank=bank_balance(stated, days[1]),
            book_balance=exact(balances.get(row.account, Decimal(0)), row.currency),
            causes=(*bank_causes(stated, first_day=days[0], last_day=days[1]), *causes.get(row.account, ())),
        )


def _without_account(
    sums: Iterable[Any], not_stated: Iterable[Any], days: tuple[date, date]
) -> Iterable[Reconciliation]:
    facts: dict[Owner, list[Any]] = defaultdict(list)
    for row in not_stated:
        facts[_owner(row)].append(row)
    for row in sums:
        if row.account is None:
            absent = Cause("no_bank_account", None, 1, _NO_BANK_ACCOUNT)
            yield Reconciliation(
                company_code=row.company_code,
                account=None,
                name=None,
                currency=row.currency,
                ledger_account=row.ledger_account,
                bank=None,
                book_balance=exact(row.balance, row.currency),
                causes=(absent, *_causes_by_kind(facts[_owner(row)], days)),
            )


def _owner(row: Any) -> Owner:
    return row.company_code, row.account, row.ledger_account, row.currency


def _bank_side(rows: Iterable[Any], days: tuple[date, date]) -> dict[str, list[Cause]]:
    causes: dict[str, list[Cause]] = defaultdict(list)
    for (account, credit), facts in groupby(rows, key=lambda row: (row.account, row.credit)):
        kind: CauseKind = "bank_credit_not_booked" if credit else "bank_debit_not_booked"
        causes[account].append(_cause(kind, list(facts), days))
    return causes


def _book_side(rows: Mapping[str, list[Any]], days: tuple[date, date]) -> dict[str, list[Cause]]:
    return {account: _causes_by_kind(facts, days) for account, facts in rows.items()}


def _causes_by_kind(rows: Sequence[Any], days: tuple[date, date]) -> list[Cause]:
    grouped = groupby(rows, key=lambda row: (row.ledger_account, row.kind))
    return [_cause(BOOK_SIDE.get(kind, "posting_in_transit"), list(facts), days) for (_, kind), facts in grouped]


def _cause(kind: CauseKind, facts: Sequence[Any], days: tuple[date, date]) -> Cause:
    """Return the cause behind facts of one kind; each carries count and sum of all there are."""
    first = facts[0]
    return Cause(
        kind,
        exact(first.total, first.currency),
        first.how_many,
        DETAIL[kind],
        tuple(_listed(row, days[1]) for row in facts),
        in_period=first.latest >= days[0],
    )


def _listed(row: Any, last_day: date) -> Listed:
    return Listed(
        id=row.id,
        on=row.on,
        value_date=row.value_date,
        amount=exact(row.amount, row.currency),
        receipt_id=row.receipt_id,
        statement_id=row.statement_id,
        text=row.words or None,
        days=(last_day - row.on).days,
    )
