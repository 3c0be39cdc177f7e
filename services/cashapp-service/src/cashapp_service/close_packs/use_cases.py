"""Putting a close pack together: every figure as of the period's last day, from one moment of the books."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.accounts import use_cases as accounts
from cashapp_service.close_packs import repository
from cashapp_service.close_packs.schemas import ClosePack, PackAccount, PackAging, PackException, PackHeldCash
from cashapp_service.closes import use_cases as closes
from cashapp_service.ledger.domain import Account
from cashapp_service.periods.domain import Period
from shared.money import exact

BUCKETS = {"not_due": "not_due", "1-30": "days_1_30", "31-60": "days_31_60", "61-90": "days_61_90", "91+": "days_91"}
HeldState = Literal["unidentified", "unapplied", "on_account"]
STATES: dict[str, HeldState] = {
    Account.UNIDENTIFIED_CASH: "unidentified",
    Account.UNAPPLIED_CASH: "unapplied",
    Account.ON_ACCOUNT_CASH: "on_account",
}


async def close_pack(
    session: AsyncSession, company_code: str, period: Period, *, at: datetime, on_the_spot: closes.OnTheSpot
) -> ClosePack:
    """Return the pack of a period; of a closed one with checklist and reconciliation as they were at the close."""
    found = await closes.standing(session, company_code, period, on_the_spot)
    made, reopenings = await closes.history(session, company_code, period)
    closed = found.closed
    balance = await _trial_balance(session, company_code, period.last_day)
    aging = [_aging(row) for row in await repository.aging(session, company_code, period.last_day)]
    totals = list(_totals(aging))
    settled = closed.closed_at if closed else at
    exceptions = await repository.open_exceptions(session, company_code, period.last_day, settled)
    return ClosePack(
        company_code=company_code,
        period=str(period),
        first_day=period.first_day,
        last_day=period.last_day,
        status="closed" if found.is_closed else "open",
        closed_with=closed.period if closed else None,
        closed_by=closed.closed_by if closed else None,
        closed_at=closed.closed_at if closed else None,
        note=closed.note if closed else None,
        prepared_at=at,
        trial_balance=balance,
        balanced=not any(_by_currency((one.currency, one.balance) for one in balance).values()),
        aging=aging,
        aging_totals=totals,
        aging_agrees=_agrees(totals, balance),
        reconciliations=found.reconciliations,
        checks=found.checks,
        accepted=closed.accepted if closed else [],
        payment_exceptions=[_exception(row) for row in exceptions],
        held_cash=[
            _held(row, period.last_day) for row in await repository.held_cash(session, company_code, period.last_day)
        ],
        control=await closes.control_totals(session, company_code, period),
        closes=made,
        reopenings=reopenings,
    )


async def _trial_balance(session: AsyncSession, company_code: str, last_day: date) -> list[PackAccount]:
    chart = await accounts.chart_of(session, company_code)
    found = []
    for row in await repository.trial_balance(session, company_code, last_day):
        label = chart.label(row.account)
        debit, credit = exact(row.debit, row.currency), exact(row.credit, row.currency)
        found.append(
            PackAccount(
                account=row.account,
                number=label.number,
                name=label.name,
                currency=row.currency,
                debit=debit,
                credit=credit,
                balance=debit - credit,
            )
        )
    return sorted(found, key=lambda one: (one.currency, one.number, one.account))


def _aging(row: Any) -> PackAging:
    values = row._mapping
    amounts = {field: exact(values[bucket], row.currency) for bucket, field in BUCKETS.items()}
    return PackAging(
        customer_id=row.customer_id,
        name=row.name,
        currency=row.currency,
        total=exact(row.total, row.currency),
        unapplied=exact(row.unapplied, row.currency),
        **amounts,
    )


def _totals(rows: Iterable[PackAging]) -> Iterable[PackAging]:
    by_currency: dict[str, list[PackAging]] = defaultdict(list)
    for row in rows:
        by_currency[row.currency].append(row)
    names = (*BUCKETS.values(), "total", "unapplied")
    for currency, of_currency in by_currency.items():
        sums: dict[str, Any] = {name: sum(getattr(row, name) for row in of_currency) for name in names}
        yield PackAging(customer_id="total", name="", currency=currency, **sums)


def _by_currency(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        sums[currency] += amount
    return sums


def _agrees(totals: Sequence[PackAging], balance: Sequence[PackAccount]) -> bool:
    """Whether the open items are the balance of the receivables account, in every currency."""
    owed = _by_currency((one.currency, one.total) for one in totals)
    booked = _by_currency((one.currency, one.balance) for one in balance if one.account == Account.RECEIVABLES)
    return all(owed.get(one, 0) == booked.get(one, 0) for one in {*owed, *booked})


def _held(row: Any, last_day: date) -> PackHeldCash:
    return PackHeldCash(
        receipt_id=row.receipt_id,
        state=STATES[row.account],
        customer_id=row.customer_id,
        payer_name=row.payer_name,
        value_date=row.value_date,
        days=(last_day - row.value_date).days,
        currency=row.currency,
        amount=exact(row.amount, row.currency),
    )


def _exception(row: Any) -> PackException:
    return PackException.model_validate(dict(row._mapping) | {"amount": exact(row.amount, row.currency)})
