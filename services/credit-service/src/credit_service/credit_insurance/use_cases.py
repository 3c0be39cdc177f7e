"""What can be done with credit insurance: put it, let it begin and end by the day, see to its alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account, Cover
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.credit_insurance import repository
from credit_service.credit_insurance.domain import (
    JUDGED_BY_DAY,
    ZERO,
    AlarmNotFoundError,
    AlarmNotOpenError,
    Finding,
    Insurance,
    InsuranceNotFoundError,
    Overdue,
    findings,
    without,
)
from credit_service.credit_insurance.schemas import CreditInsurance, InsuranceAlarm, alarm_shown, shown
from credit_service.credit_insurance.tables import CreditInsuranceRow, InsuranceAlarmRow
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import MissingExchangeRateError
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.receivables import use_cases as receivables
from credit_service.releases import use_cases as releases
from shared.ids import new_id
from shared.money import Money, rounded
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

_TERMS = tuple(field.name for field in fields(Insurance))


async def put_insurance(
    uow: UnitOfWork, customer_id: str, insurance: Insurance, *, by: str, expected_version: int | None
) -> tuple[CreditInsuranceRow, bool]:
    """Insure a customer or replace its insurance, and tell whether it is new; equal content changes nothing.

    It counts at once where it has begun; one that begins later counts from the run of its first day on, and what was put before
    holds until then. Raises `CustomerNotFoundError`, `StaleVersionError`, `MissingExchangeRateError`.
    """
    account = await credit_accounts.locked_account(uow, customer_id)
    row = await repository.find(uow.session, customer_id)
    ensure_fresh(expected_version, row.version if row else 0)
    old = insurance_of(row) if row else None
    if row is not None and old == insurance:
        return row, False
    today = uow.clock.today()
    rates = await exchange_rates.rates_of(uow.session, today)
    rate = rates.between(insurance.currency, account.currency)
    if rate is None:
        raise MissingExchangeRateError(insurance.currency, account.currency)
    values = {
        **asdict(insurance),
        "version": row.version + 1 if row else 1,
        "rate": rate,
        "insured_amount": rounded(insurance.insured_limit * rate, account.currency),
        "cover": rounded(insurance.cover * rate, account.currency),
        "applied": False,
        "changed_by": by,
        "changed_at": uow.clock.now(),
    }
    new = row is None
    if row is None:
        row = CreditInsuranceRow(customer_id=customer_id, **values)
        uow.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    await uow.session.flush()
    changed = {name: value for name, value in asdict(insurance).items() if old is None or getattr(old, name) != value}
    before = {name: getattr(old, name) for name in changed} if old else {}
    await journal.record(uow, Entry(customer_id, "credit_insurance.changed", by, "credit-insurance", before, changed))
    if insurance.valid_from <= today:
        account = await _apply(uow, account, row)
        await _judge(uow, [row], {customer_id: account}, today)
        await releases.recheck(uow, account)
    return row, new


async def _apply(uow: UnitOfWork, account: Account, row: CreditInsuranceRow) -> Account:
    """Have an insurance that has begun stand on its locked account."""
    row.applied = True
    return await credit_accounts.change_cover(uow, account, Cover(row.insured_amount, row.cover, row.valid_until))


def insurance_of(row: CreditInsuranceRow) -> Insurance:
    """Return the terms in a row, amounts with the decimals of their currency."""
    values = {name: getattr(row, name) for name in _TERMS}
    return Insurance(
        **values
        | {
            "insured_limit": Money(row.insured_limit, row.currency).amount,
            "deductible": Money(row.deductible, row.currency).amount,
            "covered_pct": row.covered_pct.normalize() + 0,
        }
    )


async def insurance(session: AsyncSession, customer_id: str) -> CreditInsuranceRow:
    """Return a customer's insurance; raise `InsuranceNotFoundError`."""
    row = await repository.find(session, customer_id)
    if row is None:
        raise InsuranceNotFoundError(customer_id)
    return row


async def let_day_pass(uow: UnitOfWork, as_of: date) -> int:
    """Have insurances begin whose first day has come, and judge every one as of a day; return how many alarms were raised."""
    starting = await repository.starting(uow.session, as_of)
    accounts = await credit_accounts.locked_accounts(uow, [row.customer_id for row in starting])
    for row in starting:
        await _apply(uow, accounts[row.customer_id], row)
    begun = await repository.begun(uow.session, as_of)
    overdue = await _overdue(uow.session, begun, as_of)
    known = await repository.not_closed(uow.session, [row.customer_id for row in begun], JUDGED_BY_DAY)
    concerned = {customer_id for customer_id, _ in known} | overdue.keys()
    concerned |= {
        row.customer_id for row in begun if findings(insurance_of(row), exposure=ZERO, overdue=None, as_of=as_of)
    }
    # Judged again under their locks: what is paid meanwhile raises no alarm.
    accounts = await credit_accounts.locked_accounts(uow, concerned)
    return await _judge(uow, [row for row in begun if row.customer_id in accounts], accounts, as_of)


async def _overdue(session: AsyncSession, rows: Sequence[CreditInsuranceRow], as_of: date) -> dict[str, Overdue]:
    spans = {}
    for row in rows:
        until = insurance_of(row).counted_until(as_of)
        if until is not None:
            spans[row.customer_id] = (row.valid_from, until)
    found = await receivables.due_between(session, spans)
    return {customer_id: Overdue(*figures) for customer_id, figures in found.items()}


async def _judge(
    uow: UnitOfWork, rows: Sequence[CreditInsuranceRow], accounts: Mapping[str, Account], as_of: date
) -> int:
    """Raise the alarms whose cause is there, bring known ones up to date, close those whose cause has gone.

    A run for an earlier day than an alarm is of, which comes late, leaves that alarm as it is.
    """
    overdue = await _overdue(uow.session, rows, as_of)
    known = await repository.not_closed(uow.session, [row.customer_id for row in rows], JUDGED_BY_DAY)
    raised = 0
    for row in rows:
        account = accounts[row.customer_id]
        found = findings(
            insurance_of(row), exposure=account.exposure.total, overdue=overdue.get(row.customer_id), as_of=as_of
        )
        for one in found:
            alarm = known.get((row.customer_id, one.kind))
            if alarm is None:
                uow.session.add(_raised(uow, account, one, as_of))
                raised += 1
            else:
                _brought_up_to_date(alarm, one, account.cover.insured, as_of)
        for kind in without(JUDGED_BY_DAY, found):
            alarm = known.get((row.customer_id, kind))
            if alarm is not None and as_of >= alarm.as_of:
                alarm.status, alarm.closed_at, alarm.version = "closed", uow.clock.now(), alarm.version + 1
    await uow.session.flush()
    return raised


def _raised(uow: UnitOfWork, account: Account, finding: Finding, as_of: date) -> InsuranceAlarmRow:
    return InsuranceAlarmRow(
        alarm_id=new_id("ial"),
        version=1,
        customer_id=account.customer_id,
        status="open",
        raised_at=uow.clock.now(),
        as_of=as_of,
        currency=account.currency,
        insured_amount=account.cover.insured,
        note=None,
        reference=None,
        acknowledged_by=None,
        acknowledged_at=None,
        closed_at=None,
        **asdict(finding),
    )


def _brought_up_to_date(alarm: InsuranceAlarmRow, finding: Finding, insured: Decimal, as_of: date) -> None:
    if as_of >= alarm.as_of:
        alarm.as_of, alarm.insured_amount = as_of, insured
        for name, value in asdict(finding).items():
            setattr(alarm, name, value)


async def acknowledge(
    uow: UnitOfWork, alarm_id: str, *, note: str, reference: str | None, by: str, expected_version: int | None
) -> InsuranceAlarmRow:
    """Note that somebody has seen to an alarm, such as told the insurer; raise `AlarmNotFoundError`, `AlarmNotOpenError`.

    It stays until its cause has gone, and is not raised again meanwhile.
    """
    seen = await repository.find_alarm(uow.session, alarm_id)
    if seen is None:
        raise AlarmNotFoundError(alarm_id)
    await credit_accounts.locked_account(uow, seen.customer_id)
    alarm = await repository.find_alarm(uow.session, alarm_id)
    assert alarm is not None, "an alarm is never deleted"
    ensure_fresh(expected_version, alarm.version)
    if alarm.status != "open":
        raise AlarmNotOpenError(alarm_id, alarm.status)
    alarm.status, alarm.version = "acknowledged", alarm.version + 1
    alarm.note, alarm.reference = note, reference
    alarm.acknowledged_by, alarm.acknowledged_at = by, uow.clock.now()
    said: dict[str, Any] = {"kind": alarm.kind, "status": "acknowledged", "reference": reference}
    await journal.record(
        uow, Entry(alarm.customer_id, "insurance_alarm.acknowledged", by, alarm_id, {"status": "open"}, said, note)
    )
    return alarm


async def exposures(session: AsyncSession, alarms: Sequence[InsuranceAlarmRow]) -> dict[str, Decimal]:
    """Return what the customers of alarms owe or will owe at this moment."""
    accounts = await credit_accounts.accounts(session, {alarm.customer_id for alarm in alarms})
    return {customer_id: account.exposure.total for customer_id, account in accounts.items()}


async def credit_file_part(session: AsyncSession, customer_id: str, as_of: date) -> CreditInsurance | None:
    """Return a customer's insurance for its credit file, as in force or not on `as_of`; None without one."""
    row = await repository.find(session, customer_id)
    if row is None:
        return None
    account = (await credit_accounts.accounts(session, [customer_id]))[customer_id]
    return shown(row, account_currency=account.currency, today=as_of)


async def credit_file_alarms(session: AsyncSession, customer_id: str) -> list[InsuranceAlarm]:
    """Return a customer's newest insurance alarms for its credit file."""
    rows = (await session.scalars(repository.newest_alarms(customer_id, count=SHOWN_MAX))).all()
    beside = await exposures(session, rows)
    return [alarm_shown(row, beside) for row in rows]
