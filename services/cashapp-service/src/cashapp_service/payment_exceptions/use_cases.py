"""Everything that is done about a returned payment until it is settled.

The one thing to know: an exception whose money comes back posts a receipt, or takes the one of the bank's file, and applies it to
what the return had opened again. The receipts are locked first, then the exception, then the items.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import use_cases as applications
from cashapp_service.applications.domain.decision import Decision, Recorder
from cashapp_service.customers import use_cases as customers
from cashapp_service.disputes import use_cases as disputes
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.payment_exceptions import repository
from cashapp_service.payment_exceptions.domain import Outcome, deadline
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn, OpenedException
from cashapp_service.payment_exceptions.domain.evidence import EvidenceFile
from cashapp_service.payment_exceptions.domain.fees import fee_credit, fee_credit_entries, to_give_back
from cashapp_service.payment_exceptions.domain.refusals import (
    EvidenceNotFoundError,
    PaymentExceptionNotFoundError,
    UnfitReceiptError,
)
from cashapp_service.payment_exceptions.domain.reinstatement import Grants, Reopened, reinstated
from cashapp_service.payment_exceptions.domain.workflow import (
    BRINGS_MONEY_BACK,
    Action,
    EvidenceKind,
    Facts,
    check_contest,
    check_fail,
    check_recovery,
    check_reopen,
    check_represent,
    check_resolve,
    check_unresolved,
)
from cashapp_service.payment_exceptions.tables import (
    EvidenceContentRow,
    EvidenceRow,
    PaymentExceptionRow,
    PaymentExceptionStepRow,
    document_of,
    facts_of,
    reopened_of,
)
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt
from shared.ids import new_id
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

DAY_RUN_BY = "day_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who takes a step with which exception, based on which version of it, and what he says to it."""

    exception_id: str
    by: str
    expected: int | None = None
    note: str | None = None

    def saying(self, note: str | None) -> "Change":
        """Return the change with what is said to it."""
        return replace(self, note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How an exception ends. With money back: when it came, or the receipt with which it did."""

    outcome: Outcome
    resolved_on: date | None = None
    value_date: date | None = None
    receipt_id: str | None = None
    bank_reference: str | None = None
    reinstate: bool = True
    credit_fee: bool = True


async def opened_before(uow: UnitOfWork, receipt: Receipt, wanted: BankReturn) -> OpenedException | None:
    """Return the exception of a locked receipt that was opened under the same case reference with the same content.

    Raises `ReturnExistsError` where the content is another.
    """
    if wanted.case_reference is None:
        return None
    row = await repository.find_by_case(
        uow.session, receipt_id=receipt.receipt_id, case_reference=wanted.case_reference
    )
    if row is None:
        return None
    assert row.said is not None
    wanted.check_repeat(row.said)
    return OpenedException(row.exception_id, row.fee_item_id, repeated=True)


async def open_exception(
    uow: UnitOfWork,
    receipt: Receipt,
    wanted: BankReturn,
    *,
    amount: Decimal,
    reopened: Iterable[Reopened],
    fee_item_id: str | None,
    by: str,
) -> OpenedException:
    """Open the exception of a receipt of which an amount was just returned, with what that reopened and the fee charged."""
    row = PaymentExceptionRow(
        exception_id=new_id("pex"),
        version=1,
        receipt_id=receipt.receipt_id,
        customer_id=receipt.customer_id,
        company_code=receipt.company_code,
        method=receipt.method,
        reason=wanted.meant,
        reason_code=wanted.reason_code,
        case_reference=wanted.case_reference,
        said=wanted.said if wanted.case_reference is not None else None,
        amount=amount,
        currency=receipt.currency,
        value_date=wanted.value_date,
        fee=wanted.fee,
        fee_borne_by=wanted.fee_borne_by if wanted.fee else None,
        fee_item_id=fee_item_id,
        reopened=[document_of(one) for one in reopened],
        deadline_on=wanted.react_by,
        status="open",
        presentations=0,
        opened_at=uow.clock.now(),
        opened_by=by,
    )
    uow.session.add(row)
    await uow.session.flush()
    uow.session.add(_step(uow, row, "returned", on=wanted.value_date, by=by, note=None))
    return OpenedException(row.exception_id, fee_item_id)


async def add_evidence(
    uow: UnitOfWork, change: Change, *, kind: EvidenceKind, reference: str, file: EvidenceFile | None = None
) -> PaymentExceptionRow:
    """Add evidence, with the file itself where it is sent, to an exception that is not resolved; raise `AlreadyResolvedError`."""
    row, facts = await _locked(uow, change)
    check_unresolved(facts)
    evidence = EvidenceRow(
        evidence_id=new_id("pev"),
        exception_id=row.exception_id,
        kind=kind,
        reference=reference,
        note=change.note,
        added_by=change.by,
        added_at=uow.clock.now(),
    )
    if file is not None:
        evidence.file_name, evidence.media_type = file.file_name, file.media_type
        evidence.size_bytes, evidence.sha256 = len(file.content), file.sha256
    uow.session.add(evidence)
    if file is not None:
        await uow.session.flush()
        uow.session.add(EvidenceContentRow(evidence_id=evidence.evidence_id, content=file.content))
    return await _advance(uow, row, change, "evidence_added", on=uow.clock.today())


async def evidence_file(session: AsyncSession, exception_id: str, evidence_id: str) -> EvidenceFile:
    """Return a file that is evidence in an exception; raise `EvidenceNotFoundError`."""
    found = await repository.find_file(session, exception_id, evidence_id)
    if found is None:
        raise EvidenceNotFoundError(evidence_id)
    return found


async def contest(uow: UnitOfWork, change: Change, *, on: date | None) -> PaymentExceptionRow:
    """Contest a return before its deadline, on the evidence that there is; raise what `check_contest` refuses."""
    row, facts = await _locked(uow, change)
    row.contested_on = on or uow.clock.today()
    check_contest(facts, row.contested_on)
    row.status = "contested"
    return await _advance(uow, row, change, "contested", on=row.contested_on)


async def represent(uow: UnitOfWork, change: Change, *, on: date | None) -> PaymentExceptionRow:
    """Present a payment again; raise what `check_represent` refuses."""
    row, facts = await _locked(uow, change)
    row.represented_on = on or uow.clock.today()
    check_represent(facts, row.represented_on)
    row.status, row.presentations = "represented", row.presentations + 1
    return await _advance(uow, row, change, "represented", on=row.represented_on)


async def fail(uow: UnitOfWork, change: Change, *, on: date) -> PaymentExceptionRow:
    """Take back that a payment was presented again: it came back once more, with a new deadline. Raises `NotPossibleError`."""
    row, facts = await _locked(uow, change)
    check_fail(facts, on)
    row.status, row.represented_on = "open", None
    row.deadline_on, row.deadline_passed_on = deadline(facts.reason, on, row.reason_code), None
    return await _advance(uow, row, change, "failed", on=on)


async def reopen(uow: UnitOfWork, change: Change) -> PaymentExceptionRow:
    """Open an exception again that was resolved by mistake; raise `NotResolvedError`, `MoneyCameBackError`."""
    row, facts = await _locked(uow, change)
    check_reopen(facts)
    row.status, row.outcome, row.recovery_receipt_id = "open", None, None
    row.contested_on = row.represented_on = row.resolved_on = row.resolved_at = row.resolved_by = None
    return await _advance(uow, row, change, "reopened", on=uow.clock.today())


async def resolve(
    uow: UnitOfWork, change: Change, resolution: Resolution, *, recorder: Recorder, ask_owner: customers.AskOwner
) -> PaymentExceptionRow:
    """Settle a payment exception. Where its money came back, take it in and pay again what the return had opened.

    Raises what `check_resolve` and `check_recovery` refuse, and what posting a receipt and applying it may.
    """
    known = await repository.find(uow.session, change.exception_id)
    if known is None:
        raise PaymentExceptionNotFoundError(change.exception_id)
    wanted = {known.receipt_id} | ({resolution.receipt_id} if resolution.receipt_id else set())
    locked = await receipts.locked_many(uow, wanted)
    row, facts = await _locked(uow, change)
    day = resolution.resolved_on or uow.clock.today()
    check_resolve(facts, resolution.outcome, on=day, value_date=resolution.value_date, receipt_id=resolution.receipt_id)
    returned, recovery = locked[row.receipt_id], locked.get(resolution.receipt_id or "")
    if resolution.receipt_id is not None:
        recovery = await _checked_recovery(uow, returned, recovery)
    if resolution.outcome in BRINGS_MONEY_BACK:
        recovery = recovery or await _receive(uow, row, returned, resolution)
        await _lock_reopened(uow, row)
        await _reinstate(uow, row, returned, recovery, resolution, recorder=recorder, ask_owner=ask_owner)
        if resolution.outcome == "won" and resolution.credit_fee and row.fee_item_id is not None:
            row.fee_credit_item_id = await _credit_fee(uow, row.fee_item_id, recovery.value_date)
    row.status, row.outcome, row.note = "resolved", resolution.outcome, change.note
    row.recovery_receipt_id = recovery.receipt_id if recovery else None
    row.resolved_on, row.resolved_at, row.resolved_by = day, uow.clock.now(), change.by
    return await _advance(uow, row, change, "resolved", on=day)


async def _lock_reopened(uow: UnitOfWork, row: PaymentExceptionRow) -> None:
    """Lock every item that the outcome may change, at once: what follows changes them in several steps."""
    fee = {row.fee_item_id} if row.fee_item_id is not None else set()
    await items.locked(uow, {item_id for one in reopened_of(row) for item_id in one.item_ids} | fee)


async def _credit_fee(uow: UnitOfWork, fee_item_id: str, on: date) -> str | None:
    """Credit the fee of a payment that was good all the time, on the day its money came back, and return the memo's id.

    None where all of it was given up, or credited by a dispute, already.
    """
    locked = await items.locked(uow, {fee_item_id})
    fee = locked[fee_item_id]
    credited = await disputes.credited_for(uow.session, fee_item_id)
    amount = to_give_back(fee, await ledger.postings_of_items(uow.session, [fee_item_id]), credited=credited)
    if not amount:
        return None
    day = await periods.first_open(uow.session, fee.company_code, on)
    number = await items.free_number(uow.session, fee.company_code, f"{fee.number}-C")
    memo = fee_credit(fee, amount, number, day)
    entries = fee_credit_entries(memo, fee)
    await items.record(uow, {**locked, memo.item_id: memo}, entries)
    await ledger.post(uow, entries)
    return memo.item_id


async def _checked_recovery(uow: UnitOfWork, returned: Receipt, recovery: Receipt | None) -> Receipt:
    """Return the receipt with which the money came back; one whose payer nobody knew is the same payer's."""
    if recovery is None:
        raise UnfitReceiptError("There is no such receipt.")
    check_recovery(returned, recovery)
    other = await repository.find_recovered_by(uow.session, recovery.receipt_id)
    if other is not None:
        raise UnfitReceiptError(f"With this receipt came the money of payment exception {other.exception_id}.")
    if recovery.customer_id is None and returned.customer_id is not None:
        recovery, entries = await receipts.identified(uow, recovery, returned.customer_id)
        await receipts.record(uow, [recovery])
        await ledger.post(uow, entries)
    return recovery


async def _receive(uow: UnitOfWork, row: PaymentExceptionRow, returned: Receipt, resolution: Resolution) -> Receipt:
    """Post the receipt by which a returned payment's money came back: the same payer's, by the same way, of what was returned."""
    assert resolution.value_date is not None
    again = Receipt(
        receipt_id=new_id("rcp"),
        method=returned.method,
        company_code=returned.company_code,
        customer_id=returned.customer_id,
        amount=exact(row.amount, row.currency),
        currency=returned.currency,
        value_date=resolution.value_date,
        postable_from=resolution.value_date,
        ledger_account=returned.ledger_account,
        payer_name=returned.payer_name,
        payer_account=returned.payer_account,
        reference=returned.reference,
        card_token=returned.card_token,
        card_last4=returned.card_last4,
        bank_reference=resolution.bank_reference,
    )
    before = await receipts.posted_before(uow, again)
    if before is not None:
        raise UnfitReceiptError(f"Receipt {before.receipt_id} came with this bank_reference.")
    (again,), entries = await receipts.receive(uow, [again], source="api", matches={})
    await ledger.post(uow, entries)
    return again


async def _reinstate(
    uow: UnitOfWork,
    row: PaymentExceptionRow,
    returned: Receipt,
    recovery: Receipt,
    resolution: Resolution,
    *,
    recorder: Recorder,
    ask_owner: customers.AskOwner,
) -> None:
    """Pay with the money that came back what the return had opened, as far as it is open still."""
    reopened = reopened_of(row)
    if not resolution.reinstate or not reopened:
        return
    locked = await items.locked(uow, {one.item_id for one in reopened})
    open_items = await applications.payable(uow, recovery, locked)
    granted: Grants | None = None
    if resolution.outcome == "won":
        # The discount was earned when the customer paid: the days that the money was away do not count.
        away = (recovery.value_date - returned.value_date).days
        recorder = replace(recorder, policy=replace(recorder.policy, days_away=away))
        granted = await grants(uow, recovery, recorder)
    wanted = reinstated(reopened, open_items, recovery.available, grants=granted)
    if not wanted:
        return
    decision = Decision(wanted=wanted, on_account=Decimal(0), customer_id=returned.customer_id, method="reinstated")
    await applications.apply_receipt(
        uow,
        recovery.receipt_id,
        decision,
        recorder=recorder,
        ask_owner=ask_owner,
        teaches=False,
    )


async def grants(uow: UnitOfWork, recovery: Receipt, recorder: Recorder) -> Grants:
    """Return what may be granted again: parts that were paid meanwhile may have had a unit of a discount."""
    policy = await applications.policy_for(uow.session, recovery, recorder)

    def discount(item: Item, paid: Decimal, before: Decimal) -> Decimal:
        return item.granted_discount(recovery.value_date, paid=paid, wanted=before, grace_days=policy.discount_days)

    return Grants(
        discount=discount,
        tolerance=lambda item: policy.item_limit(Money(item.amount, item.currency)).amount,
        tolerance_left=await applications.tolerance_left(uow, recovery, policy),
    )


async def flag_passed_deadlines(uow: UnitOfWork, day: date) -> int:
    """Flag the open exceptions whose deadline was before a business day, and return how many there were."""
    rows = await repository.overdue_for_update(uow.session, day)
    for row in rows:
        row.deadline_passed_on = day
        await _advance(uow, row, Change(exception_id=row.exception_id, by=DAY_RUN_BY), "deadline_passed", on=day)
    return len(rows)


async def _locked(uow: UnitOfWork, change: Change) -> tuple[PaymentExceptionRow, Facts]:
    """Lock an exception in the version that the change is based on; return it with what the rules ask for."""
    row = await repository.find_for_update(uow.session, change.exception_id)
    if row is None:
        raise PaymentExceptionNotFoundError(change.exception_id)
    ensure_fresh(change.expected, row.version)
    return row, facts_of(row, evidence=await repository.count_evidence(uow.session, row.exception_id))


async def _advance(
    uow: UnitOfWork, row: PaymentExceptionRow, change: Change, action: Action, *, on: date
) -> PaymentExceptionRow:
    """Make the next version of an exception, and keep the step that led to it."""
    row.version += 1
    uow.session.add(_step(uow, row, action, on=on, by=change.by, note=change.note))
    await uow.session.flush()
    return row


def _step(
    uow: UnitOfWork, row: PaymentExceptionRow, action: Action, *, on: date, by: str, note: str | None
) -> PaymentExceptionStepRow:
    values: dict[str, Any] = {"exception_id": row.exception_id, "version": row.version, "status": row.status}
    return PaymentExceptionStepRow(
        **values, action=action, taken_on=on, note=note, taken_by=by, taken_at=uow.clock.now()
    )


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of payment exceptions."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
