"""Where a payment exception stands and what may be done with it then.

    open ──contest──► contested ──resolve──► resolved
     │ ◄──fail── represented ◄──represent── open
     └──resolve──► resolved ──reopen──► open

The one thing to know: only two outcomes bring the money back. `won` follows a contest, `represented` a second presentation that
cleared; every other leaves the items open, with collections.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cashapp_service.payment_exceptions.domain.reasons import ReturnReason
from cashapp_service.payment_exceptions.domain.refusals import (
    AlreadyResolvedError,
    BeforeReturnError,
    DeadlinePassedError,
    EvidenceMissingError,
    MoneyBackMissingError,
    MoneyCameBackError,
    NoMoneyBackError,
    NotPossibleError,
    NotResolvedError,
    OutcomeNotPossibleError,
    UnfitReceiptError,
)
from cashapp_service.receipts.domain import Receipt

Status = Literal["open", "contested", "represented", "resolved"]
Outcome = Literal["represented", "replaced", "collected", "won", "lost", "written_off", "accepted"]
EvidenceKind = Literal[
    "delivery_proof", "invoice", "contract", "authorisation", "correspondence", "bank_notice", "other"
]
Action = Literal[
    "returned",
    "evidence_added",
    "contested",
    "represented",
    "failed",
    "deadline_passed",
    "resolved",
    "reopened",
]

CONTESTABLE: frozenset[ReturnReason] = frozenset({"chargeback", "card_error", "duplicate"})
PRESENTATIONS_MAX: dict[ReturnReason, int] = {"nsf": 2, "stopped": 1, "card_error": 1}
"""How often a payment may be presented again. NACHA allows two for insufficient funds (Operating Rules, 2.13.4); one that was
stopped needs the customer's word, which comes once; a closed account or a recalled debit needs another payment."""

BRINGS_MONEY_BACK: frozenset[Outcome] = frozenset({"won", "represented"})
_ALWAYS: tuple[Outcome, ...] = ("replaced", "collected", "written_off", "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an exception when something is to be done with it."""

    status: Status
    outcome: Outcome | None
    reason: ReturnReason
    returned_on: date
    deadline_on: date
    presentations: int
    evidence: int
    recovery_receipt_id: str | None


def check_unresolved(facts: Facts) -> None:
    """Raise `AlreadyResolvedError` for one that was resolved."""
    if facts.outcome is not None:
        raise AlreadyResolvedError(facts.outcome)


def check_contest(facts: Facts, on: date) -> None:
    """Raise where a return cannot be contested on a day; the deadline is included."""
    check_unresolved(facts)
    if facts.reason not in CONTESTABLE:
        raise NotPossibleError(f"A payment returned as {facts.reason} cannot be contested: have it paid again.")
    if facts.status != "open":
        raise NotPossibleError(f"The payment exception is {facts.status} already.")
    _check_not_before_return(facts, on, field="contested_on")
    if on > facts.deadline_on:
        raise DeadlinePassedError(facts.deadline_on)
    if not facts.evidence:
        raise EvidenceMissingError


def check_represent(facts: Facts, on: date) -> None:
    """Raise where a payment cannot be presented again on a day."""
    check_unresolved(facts)
    if facts.status != "open":
        raise NotPossibleError(f"The payment exception is {facts.status}: wait for what comes of that.")
    most = PRESENTATIONS_MAX.get(facts.reason, 0)
    if not most:
        raise NotPossibleError(f"A payment returned as {facts.reason} cannot be presented again: ask for another one.")
    if facts.presentations >= most:
        raise NotPossibleError(f"It was presented again {most} time(s), which is all that is allowed.")
    _check_not_before_return(facts, on, field="represented_on")


def check_fail(facts: Facts, on: date) -> None:
    """Raise where no second presentation is under way that could fail on a day."""
    check_unresolved(facts)
    if facts.status != "represented":
        raise NotPossibleError(f"The payment exception is {facts.status}: no presentation is under way.")
    _check_not_before_return(facts, on, field="value_date")


def check_resolve(facts: Facts, outcome: Outcome, *, on: date, value_date: date | None, receipt_id: str | None) -> None:
    """Raise where an outcome is not possible, or what it says of the money is not whole; `on` is the day it is resolved."""
    check_unresolved(facts)
    possible = possible_outcomes(facts)
    if outcome not in possible:
        raise OutcomeNotPossibleError(outcome, facts.status, facts.reason, possible)
    _check_not_before_return(facts, on, field="resolved_on")
    if outcome in BRINGS_MONEY_BACK:
        if value_date is None and receipt_id is None:
            raise MoneyBackMissingError
        if value_date is not None:
            _check_not_before_return(facts, value_date, field="value_date")
    elif value_date is not None:
        raise NoMoneyBackError(outcome, "value_date")
    elif receipt_id is not None and outcome != "replaced":
        raise NoMoneyBackError(outcome, "receipt_id")


def possible_outcomes(facts: Facts) -> tuple[Outcome, ...]:
    """Return what an exception that is not resolved can end as."""
    if facts.status == "contested":
        return ("won", "lost", *_ALWAYS)
    if facts.status == "represented":
        return ("represented", *_ALWAYS)
    return ("lost", *_ALWAYS) if facts.reason in CONTESTABLE else _ALWAYS


def check_reopen(facts: Facts) -> None:
    """Raise where an exception is not resolved, or where its money came back."""
    if facts.outcome is None:
        raise NotResolvedError(facts.status)
    if facts.outcome in BRINGS_MONEY_BACK and facts.recovery_receipt_id is not None:
        raise MoneyCameBackError(facts.recovery_receipt_id)


def check_recovery(returned: Receipt, recovery: Receipt) -> None:
    """Raise `UnfitReceiptError` where a receipt cannot be the one with which a returned payment's money came back."""
    if recovery.receipt_id == returned.receipt_id:
        raise UnfitReceiptError("This is the receipt that was returned.")
    if recovery.status == "returned":
        raise UnfitReceiptError("This receipt was returned as well.")
    for name in ("company_code", "currency"):
        if getattr(recovery, name) != getattr(returned, name):
            raise UnfitReceiptError(f"This receipt has another {name}: {getattr(recovery, name)}.")
    if recovery.customer_id not in (None, returned.customer_id):
        raise UnfitReceiptError(f"This receipt is that of customer {recovery.customer_id}.")
    if recovery.value_date < returned.value_date:
        raise UnfitReceiptError("This receipt came in before the payment that was returned.")


def _check_not_before_return(facts: Facts, on: date, *, field: str) -> None:
    if on < facts.returned_on:
        raise BeforeReturnError(facts.returned_on, field=field)
