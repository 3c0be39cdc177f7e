"""What can be done with a dispute case.

Everything goes one way: hold the items and every case that claims them, change one case, reckon all of them anew from the
items' balances, and tell what changed: one event and one version for each change of a case's public state.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from dispute_service.disputes import repository
from dispute_service.disputes.domain.case import (
    DisputeNotFoundError,
    DisputesTooMuchError,
    NewClaim,
    NothingLeftToDisputeError,
    Opening,
    claimed,
    ensure_one_debtor,
)
from dispute_service.disputes.domain.claim import left_to_dispute
from dispute_service.disputes.domain.deed import SYSTEM, Deed, reckoned
from dispute_service.disputes.domain.reason import due_on
from dispute_service.disputes.domain.resolution import (
    POSTED_BY_CASHAPP,
    Decision,
    ResolvedBeforeOpenedError,
    ensure_authority,
    ensure_consistent,
    granted_by,
)
from dispute_service.disputes.domain.status import UNDECIDED, ActionNotAllowedError, ensure_allowed
from dispute_service.disputes.tables import (
    Case,
    DisputeCreditRow,
    claim_of,
    decide,
    history_line,
    new_case,
    reckon,
)
from dispute_service.disputes.tables import public_state as state_of
from dispute_service.items import use_cases as items
from dispute_service.items.domain import Item, UnknownItemError
from shared.errors import OpenItemError, UnavailableError
from shared.events.cashapp import ItemEvent
from shared.events.dispute import (
    DisputeAssigned,
    DisputeClosed,
    DisputeEscalated,
    DisputeOpened,
    DisputeResolved,
    DisputeStatus,
    DisputeUpdated,
)
from shared.http.client import ServiceClient
from shared.ids import new_id
from shared.money import Money
from shared.security import Principal
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class Held:
    """Locked items and every case that claims some of them, as they stood before the change."""

    cases: list[Case]
    items: dict[str, Item]
    before: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = {case.row.dispute_id: _standing(case) for case in self.cases}

    def case(self, dispute_id: str) -> Case:
        """Return one of the cases."""
        return next(case for case in self.cases if case.row.dispute_id == dispute_id)

    def around(self, case: Case) -> "Held":
        """Return the items of a case alone, with every case that claims some of them."""
        item_ids = {line.item_id for line in case.items}
        near = [one for one in self.cases if any(line.item_id in item_ids for line in one.items)]
        held = Held(near, {item_id: self.items[item_id] for item_id in item_ids})
        held.before = {dispute_id: held.before[dispute_id] for dispute_id in held.before.keys() & self.before.keys()}
        return held


def _standing(case: Case) -> tuple[Any, ...]:
    amounts = [
        (item.disputed_amount, item.credited_amount, item.paid_amount, item.denied_amount) for item in case.items
    ]
    return case.row.status, amounts


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a change of which case, and the version of it that he has seen, where he says so."""

    dispute_id: str
    caller: Principal
    expected_version: int | None


# Opening


@dataclass(frozen=True, slots=True)
class WantedCase:
    """A case that is asked for, by item and amount; an amount of None claims all that is left."""

    opening: Opening
    claims: Sequence[tuple[str, Decimal | None]]
    currency: str | None


async def open_disputes(
    uow: UnitOfWork, wanted: Sequence[WantedCase], *, cashapp: ServiceClient, caller: Principal
) -> list[Case | OpenItemError]:
    """Open cases, each on items of one customer and one currency, and return each or why it is refused.

    A refusal is an `UnknownItemError`, `ForeignItemError`, `DisputesTooMuchError`, `ClaimTooFineError`. Raises
    `UnavailableError`.
    """
    if not wanted:
        return []
    item_ids = list(dict.fromkeys(item_id for one in wanted for item_id, _ in one.claims))
    asked = await items.ask_for_items(uow, item_ids, cashapp=cashapp, caller=caller)
    cases = await _hold_cases(uow, item_ids)
    await items.keep_items(uow, asked)
    held = Held(cases, await items.known_items(uow, item_ids))
    verdicts = [_judged(held, one, by=caller.subject) for one in wanted]
    await _open(uow, held, [one for one in verdicts if isinstance(one, Case)], by=caller.subject)
    return verdicts


def _judged(held: Held, wanted: WantedCase, *, by: str) -> Case | OpenItemError:
    """Return a new case, held with the others from now on, or why it is refused."""
    try:
        return _new(held, wanted.opening, _claims(held, wanted), by=by)
    except OpenItemError as refusal:
        return refusal


def _claims(held: Held, wanted: WantedCase) -> list[NewClaim]:
    for position, (item_id, _) in enumerate(wanted.claims):
        if item_id not in held.items:
            raise UnknownItemError(item_id, field=f"items.{position}.item_id")
    named = [held.items[item_id] for item_id, _ in wanted.claims]
    ensure_one_debtor(
        wanted.opening.customer_id,
        wanted.currency or named[0].balance.currency,
        items=[(item.number, item.customer_id, item.balance.currency) for item in named],
    )
    return [_claim(held, position, item_id, amount) for position, (item_id, amount) in enumerate(wanted.claims)]


def _claim(held: Held, position: int, item_id: str, amount: Decimal | None) -> NewClaim:
    item = held.items[item_id]
    others = [claim_of(case, line) for case in held.cases for line in case.items if line.item_id == item_id]
    left = left_to_dispute(item.balance, others)
    field_name = f"items.{position}.disputed_amount"
    asked = left if amount is None else claimed(amount, item.balance.currency, field=field_name)
    if asked > left or not left:
        raise DisputesTooMuchError(item.number, left, field=field_name)
    return NewClaim(item_id, asked)


async def open_for_short_payment(uow: UnitOfWork, opening: Opening, item: Item, shortfall: Money) -> str:
    """Open the case that a short payment asks for and return its id. It disputes what is open of the shortfall."""
    await items.take_items(uow, [item])
    known = await items.known_items(uow, [item.item_id])
    held = Held(await repository.cases_of_items_for_update(uow.session, [item.item_id]), known)
    amount = min(shortfall, item.balance) if item.balance > Money.zero(item.balance.currency) else shortfall
    case = _new(held, opening, [NewClaim(item.item_id, amount)], by=SYSTEM)
    await _open(uow, held, [case], by=SYSTEM)
    return case.row.dispute_id


def _new(held: Held, opening: Opening, claims: Sequence[NewClaim], *, by: str) -> Case:
    numbers = {item_id: item.number for item_id, item in held.items.items()}
    case = new_case(new_id("dsp"), opening, claims, numbers=numbers, by=by)
    held.cases.append(case)
    return case


async def _open(uow: UnitOfWork, held: Held, cases: Sequence[Case], *, by: str) -> None:
    """Write new cases and tell of each."""
    await repository.add(uow.session, cases)
    for case in cases:
        _settle(
            uow, held.around(case), case, Deed("open", DisputeOpened, by, case.row.description or None, shown="new")
        )


# Working on a case


async def assign_dispute(uow: UnitOfWork, asked: Asked, *, coordinator: str | None, processor: str | None) -> Case:
    """Name who owns the outcome and who works on it; None leaves it as it is, and who names nobody works on it himself.

    A new case is in process from now on.
    """
    if coordinator is None and processor is None:
        processor = asked.caller.subject

    def change(case: Case) -> None:
        row = case.row
        row.coordinator = coordinator or row.coordinator
        row.processor = processor or row.processor
        row.stage = "in_process" if row.status == "new" else row.status

    parts = (("coordinator", coordinator), ("processor", processor))
    named = ", ".join(f"{part} {name}" for part, name in parts if name)
    return await _do(uow, asked, change, Deed("assign", DisputeAssigned, asked.caller.subject, named))


async def wait_for_answer(
    uow: UnitOfWork, asked: Asked, *, waiting_for: Literal["customer", "internal"], note: str | None
) -> Case:
    """Have the case wait for the customer, or for somebody in the company."""

    def change(case: Case) -> None:
        case.row.stage = "waiting_customer" if waiting_for == "customer" else "waiting_internal"

    return await _do(uow, asked, change, Deed("wait", DisputeUpdated, asked.caller.subject, note))


async def resume_dispute(uow: UnitOfWork, asked: Asked, *, note: str | None) -> Case:
    """Go on with a case that waited."""

    def change(case: Case) -> None:
        case.row.stage = "in_process"

    return await _do(uow, asked, change, Deed("resume", DisputeUpdated, asked.caller.subject, note))


async def escalate_dispute(uow: UnitOfWork, asked: Asked, *, to: str | None, reason: str) -> Case:
    """Give the case to the person responsible, who decides."""

    def change(case: Case) -> None:
        case.row.stage = "escalated"
        case.row.person_responsible = to or case.row.person_responsible

    return await _do(uow, asked, change, Deed("escalate", DisputeEscalated, asked.caller.subject, reason))


async def escalate_late_disputes(uow: UnitOfWork, as_of: date) -> int:
    """Escalate every case that was due before `as_of` and is not decided; return how many there were."""
    cases = await repository.late_for_update(uow.session, as_of)
    for case in cases:
        before = case.row.status
        case.row.stage = case.row.status = "escalated"
        _tell(uow, case, Deed("escalate", DisputeEscalated, SYSTEM, f"not decided by {case.row.due_on}"), before)
    return len(cases)


async def note_on_dispute(uow: UnitOfWork, asked: Asked, *, text: str) -> Case:
    """Add a note to the history. It changes nothing of the case's public state, so its version stays."""
    held = await _hold_case(uow, asked)
    case = held.case(asked.dispute_id)
    _remember(uow, case, Deed("note", DisputeUpdated, asked.caller.subject, text), case.row.status)
    return case


async def void_dispute(uow: UnitOfWork, asked: Asked, *, reason: str) -> Case:
    """End a case that was a mistake. Nothing reopens it."""
    return await _do(uow, asked, _make_void, Deed("void", DisputeClosed, asked.caller.subject, reason))


def _make_void(case: Case) -> None:
    case.row.stage = "void"


# Deciding a case


async def resolve_dispute(uow: UnitOfWork, asked: Asked, decision: Decision, *, limits: Mapping[str, Decimal]) -> Case:
    """Decide a case. What is not granted is denied and owed again; where nothing is granted the case closes at once.

    Raises `ContradictoryResolutionError`, `ResolvedAmountError`, `ResolvedBeforeOpenedError`, `AuthorityExceededError`,
    `ActionNotAllowedError`.
    """
    resolved_on = decision.resolved_on or uow.clock.today()

    def change(case: Case) -> None:
        amount = case.disputed if decision.amount is None else case.money(decision.amount)
        ensure_consistent(decision.outcome, decision.resolution, amount=amount, disputed=case.disputed)
        granted = granted_by(decision.outcome, amount)
        ensure_authority(granted, roles=asked.caller.roles, limits=limits)
        if resolved_on < case.row.opened_on:
            raise ResolvedBeforeOpenedError(case.number, case.row.opened_on)
        decide(case, decision, amount=amount, granted=granted)
        case.row.resolved_on = resolved_on

    deed = Deed("resolve", DisputeResolved, asked.caller.subject, decision.note, shown="resolved")
    return await _do(uow, asked, change, deed)


async def close_dispute(uow: UnitOfWork, asked: Asked, *, note: str | None) -> Case:
    """End a resolved case by hand. What it still disputes is denied and owed again."""

    def change(case: Case) -> None:
        case.row.stage = "closed"

    return await _do(uow, asked, change, Deed("close", DisputeClosed, asked.caller.subject, note))


async def reopen_dispute(uow: UnitOfWork, asked: Asked, *, reason: str) -> Case:
    """Take a decision back: what was denied is disputed again, as far as it is still open, with new days to answer.

    Raises `NothingLeftToDisputeError`, and `ActionNotAllowedError` while cashapp-service posts what was granted.
    """

    def change(case: Case) -> None:
        row = case.row
        if row.status == "resolved" and row.resolution in POSTED_BY_CASHAPP:
            raise ActionNotAllowedError(case.number, row.status, "reopen")
        row.stage = "in_process"
        row.due_on = due_on(row.reason_code, uow.clock.today())
        row.outcome = row.resolution = row.resolved_amount = row.resolved_on = row.credit_target = None
        for item in case.items:
            item.denied_amount = Decimal(0)

    case = await _do(uow, asked, change, Deed("reopen", DisputeOpened, asked.caller.subject, reason))
    if not case.disputed:
        raise NothingLeftToDisputeError(case.number)
    return case


# What the ledger tells


async def settle_items(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Take in the items' new states and postings, and reckon the cases that claim them."""
    changed = await items.take_items(uow, [items.item_of_state(event.item, event.version) for event in events])
    posted = [credit for event in events if (credit := await _take_credit(uow, event)) is not None]
    touched = changed | {credit.item_id for credit in posted}
    cases = await repository.cases_of_items_for_update(uow.session, touched) if touched else []
    if not cases:
        return
    held = Held(cases, await items.known_items(uow, touched))
    lines = {(line.dispute_id, line.item_id): line for case in cases for line in case.items}
    for credit in posted:
        if line := lines.get((credit.dispute_id, credit.item_id)):
            line.credits_posted += credit.amount
    _settle(uow, held)


async def _take_credit(uow: UnitOfWork, event: ItemEvent) -> DisputeCreditRow | None:
    """Return what the posting credits for a case (below zero where it reverses a credit), None where known or no credit."""
    posting = event.posting
    if posting.dispute_id is None or posting.kind not in ("credit", "reversal"):
        return None
    credit = DisputeCreditRow(
        posting_id=posting.posting_id,
        item_id=event.item.item_id,
        dispute_id=posting.dispute_id,
        amount=-posting.amount,
    )
    return credit if await repository.record_credit(uow.session, credit) else None


async def void_for_undone_payment(uow: UnitOfWork, dispute_id: str, *, reason: str) -> DisputeStatus | None:
    """End a case that a short payment opened, since the payment was undone, and return the stage that it had reached.

    None where it is over or decided already: a decision already made stands.
    """
    held = await _hold_again(uow, dispute_id)
    case = held.case(dispute_id)
    stage = case.row.stage
    if stage not in UNDECIDED:
        return None
    _make_void(case)
    _settle(uow, held, case, Deed("void", DisputeClosed, SYSTEM, reason))
    return stage


async def revive_for_payment_again(uow: UnitOfWork, dispute_id: str, *, stage: DisputeStatus, paid_on: date) -> None:
    """Go on with a case that ended with an undone payment, since the payment was made again on a day: it has days to answer."""
    held = await _hold_again(uow, dispute_id)
    case = held.case(dispute_id)
    case.row.stage = stage
    case.row.due_on = max(case.row.due_on, due_on(case.row.reason_code, paid_on))
    for item in case.items:
        item.denied_amount = Decimal(0)
    _settle(
        uow,
        held,
        case,
        Deed("reopen", DisputeUpdated, SYSTEM, f"the payment that was short stands again, of {paid_on}"),
    )


async def _hold_again(uow: UnitOfWork, dispute_id: str) -> Held:
    """Lock the items of a case and every case that claims some of them, waiting for whoever has them."""
    item_ids = await repository.item_ids_of(uow.session, dispute_id)
    for item_id in item_ids:
        await items.lock_item(uow, item_id)
    cases = await repository.cases_of_items_for_update(uow.session, item_ids)
    return Held(cases, await items.known_items(uow, item_ids))


# Holding, settling, telling


async def _hold_cases(uow: UnitOfWork, item_ids: Collection[str]) -> list[Case]:
    """Lock the items and every case that claims some of them, all at once; raise `UnavailableError` when out of patience.

    Between two tries nothing is held, so that this never is part of a deadlock.
    """
    for _ in range(round(PATIENCE_SECONDS / PAUSE_SECONDS)):
        attempt = await uow.session.begin_nested()
        if await items.try_lock_items(uow, item_ids):
            cases = await repository.try_cases_of_items_for_update(uow.session, item_ids)
            if cases is not None:
                await attempt.commit()
                return cases
        await attempt.rollback()
        await asyncio.sleep(PAUSE_SECONDS)
    raise UnavailableError("Others are busy with these items: try again shortly.")


async def _hold_case(uow: UnitOfWork, asked: Asked) -> Held:
    item_ids = await repository.item_ids_of(uow.session, asked.dispute_id)
    if not item_ids:
        raise DisputeNotFoundError(asked.dispute_id)
    cases = await _hold_cases(uow, item_ids)
    held = Held(cases, await items.known_items(uow, item_ids))
    ensure_fresh(asked.expected_version, held.case(asked.dispute_id).row.version)
    return held


async def _do(uow: UnitOfWork, asked: Asked, change: Callable[[Case], None], deed: Deed) -> Case:
    held = await _hold_case(uow, asked)
    case = held.case(asked.dispute_id)
    ensure_allowed(deed.action, number=case.number, status=case.row.status)
    change(case)
    _settle(uow, held, case, deed)
    return case


def _settle(uow: UnitOfWork, held: Held, changed: Case | None = None, deed: Deed | None = None) -> None:
    """Reckon the held cases anew, and tell of the one that was changed by a deed and of those that changed with it."""
    reckon(held.cases, {item_id: item.balance for item_id, item in held.items.items()})
    for case in held.cases:
        before = held.before.get(case.row.dispute_id)
        if case is changed and deed is not None:
            _tell_deed(uow, case, deed, before)
        elif before is not None and before != _standing(case):
            _tell_reckoned(uow, case, before[0])


def _tell_deed(uow: UnitOfWork, case: Case, deed: Deed, before: tuple[Any, ...] | None) -> None:
    """Tell of a deed; where it left nothing to dispute, the end of the case is told as a change of its own."""
    status = case.row.status
    case.row.status = deed.shown or status
    _tell(uow, case, deed, before[0] if before else None)
    if status != case.row.status:
        before_end, case.row.status = case.row.status, status
        _tell_reckoned(uow, case, before_end)


def _tell_reckoned(uow: UnitOfWork, case: Case, before: DisputeStatus) -> None:
    _tell(uow, case, reckoned(before=before, after=case.row.status, disputed=case.disputed), before)


def _tell(uow: UnitOfWork, case: Case, deed: Deed, before: DisputeStatus | None) -> None:
    case.row.version += 1
    uow.publish(deed.event(version=case.row.version, dispute=state_of(case)))
    _remember(uow, case, deed, before)


def _remember(uow: UnitOfWork, case: Case, deed: Deed, before: DisputeStatus | None) -> None:
    repository.add_history(uow.session, history_line(case, deed, before=before, at=uow.clock.now()))
