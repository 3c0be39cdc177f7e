"""The checklist of a close, from facts as of the period's last day.

The one thing to know: a check is `done`, `open`, or `not_available` where the facts it needs do not exist in this system; that
is never shown as done. An open check blocks the close unless the controller accepts it by name with a reason; an unproved or
unbalanced ledger cannot be accepted by anybody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.reconciliations.domain import Reconciliation

CheckName = Literal[
    "imports_finished",
    "statement_chain",
    "unidentified_cash",
    "unapplied_cash",
    "payment_exceptions",
    "submissions_failed",
    "down_payments_raised",
    "allowance_run",
    "integrity",
    "trial_balance",
    "bank_reconciled",
]
CheckState = Literal["done", "open", "not_available"]
CHECKS: tuple[CheckName, ...] = get_args(CheckName)
NEVER_ACCEPTED: frozenset[CheckName] = frozenset({"integrity", "trial_balance"})

AGES = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (None, "91+"))
"""Days from the value date to the last day of the period, and how they are shown."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How much of something there is in one currency; `age` is its bucket where it is aged."""

    currency: str
    amount: Decimal
    count: int
    age: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. `where` is the address that shows what is open; `missing` names it, at most twenty."""

    name: CheckName
    state: CheckState
    detail: str
    where: str
    count: int = 0
    amounts: tuple[Sum, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def acceptable(self) -> bool:
        """Whether a controller may close although it is open."""
        return self.name not in NEVER_ACCEPTED


@dataclass(frozen=True, slots=True)
class BookTotals:
    """Debit and credit of a company code in one currency up to the last day."""

    currency: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """All that the checks of one company code and period need."""

    company_code: str
    period: str
    last_day: str
    imports: Sequence[str] = ()
    """Imports that wait, run, or failed and were not sent again: a sentence each."""
    unidentified: Sequence[Sum] = ()
    unapplied: Sequence[Sum] = ()
    exceptions: Sequence[Sum] = ()
    submissions: Sequence[Sum] = ()
    """Open documents whose latest submission failed."""
    down_payments: Sequence[Sum] = ()
    """Open down-payment requests that were never sent."""
    verdicts: Sequence[LawVerdict] = ()
    proved_at: datetime | None = None
    """When a proof was made ahead; None for one that was made now."""
    totals: Sequence[BookTotals] = ()
    reconciliations: Sequence[Reconciliation] = ()


MISSING_SHOWN = 20


def checks_of(facts: CompanyFacts) -> tuple[Check, ...]:
    """Return the checklist, in its order."""
    until = f"value_date_to={facts.last_day}"
    return (
        _imports(facts),
        _chain(facts),
        _aged("unidentified_cash", facts.unidentified, f"/v1/receipts?status=unidentified&{until}", "no known payer"),
        _aged("unapplied_cash", facts.unapplied, f"/v1/receipts?{until}", "a known payer and no item"),
        _counted(
            "payment_exceptions",
            facts.exceptions,
            "/v1/payment-exceptions",
            "payment exceptions of the period or before are not settled: settle them.",
        ),
        _counted(
            "submissions_failed",
            facts.submissions,
            f"/v1/items?submission=failed&status=open&company_code={facts.company_code}",
            "documents did not reach their customers: submit them again.",
        ),
        _counted(
            "down_payments_raised",
            facts.down_payments,
            f"/v1/undelivered-items?kind=down_payment_request&as_of={facts.last_day}&company_code={facts.company_code}",
            "down-payment requests of the period or before were never sent: raise them.",
        ),
        Check(
            "allowance_run",
            "not_available",
            "Whether the allowance for doubtful accounts was run is known to collections-service, which does not tell it yet.",
            "/v1/provision-runs",
        ),
        _integrity(facts.verdicts, facts.proved_at),
        _trial_balance(facts),
        _reconciled(facts),
    )


def missing_of(checks: Iterable[Check], accepted: Collection[str]) -> list[Check]:
    """Return the open checks that block a close."""
    return [one for one in checks if one.state == "open" and not (one.acceptable and one.name in accepted)]


def _imports(facts: CompanyFacts) -> Check:
    found = tuple(facts.imports)
    detail = (
        f"{len(found)} imports wait, run, or failed and were not sent again." if found else "Every import is finished."
    )
    return Check(
        "imports_finished",
        "open" if found else "done",
        detail,
        "/v1/jobs/{job_id}",
        len(found),
        missing=found[:MISSING_SHOWN],
    )


def _chain(facts: CompanyFacts) -> Check:
    found = [
        f"{one.account}: {fact.text or cause.detail}" if fact else f"{one.account}: {cause.detail}"
        for one in facts.reconciliations
        if one.state != "unused"
        for cause in one.statements_amiss
        for fact in cause.listed or (None,)
    ]
    detail = "bank statements of the period are missing or not proved." if found else ""
    return Check(
        "statement_chain",
        "open" if found else "done",
        f"{len(found)} {detail}"
        if found
        else "Every statement opens where the one before it closed, up to the last day.",
        f"/v1/reconciliations/cash?period={facts.period}&company_code={facts.company_code}",
        len(found),
        missing=tuple(found[:MISSING_SHOWN]),
    )


def _aged(name: CheckName, sums: Sequence[Sum], where: str, what: str) -> Check:
    count = sum(one.count for one in sums)
    if not count:
        return Check(name, "done", f"No money with {what}.", where)
    shown = ", ".join(f"{one.count} of {one.age} days: {one.amount} {one.currency}" for one in sums)
    return Check(name, "open", f"{count} receipts hold money with {what} ({shown}).", where, count, tuple(sums))


def _counted(name: CheckName, sums: Sequence[Sum], where: str, what: str) -> Check:
    count = sum(one.count for one in sums)
    if not count:
        return Check(name, "done", "Nothing is open.", where)
    return Check(name, "open", f"{count} {what}", where, count, tuple(sums))


def _integrity(verdicts: Sequence[LawVerdict], proved_at: datetime | None) -> Check:
    broken = [f"{one.name}: {violation}" for one in verdicts for violation in one.violations]
    checked = sum(one.checked for one in verdicts)
    when = f", proved on {proved_at:%Y-%m-%d at %H:%M} UTC" if proved_at else ""
    if not verdicts:
        return Check(
            "integrity",
            "open",
            "The journal is too large to be proved while somebody waits: prove it with POST /v1/ledger/proofs, and ask again when"
            " that job is done.",
            "/v1/ledger/proofs",
        )
    return Check(
        "integrity",
        "open" if broken else "done",
        f"{len(broken)} facts break a law of the books: they have to be found before anything is closed."
        if broken
        else f"{len(verdicts)} laws hold over {checked} facts{when}.",
        "/v1/ledger/integrity",
        len(broken),
        missing=tuple(broken[:MISSING_SHOWN]),
    )


def _trial_balance(facts: CompanyFacts) -> Check:
    off = [one for one in facts.totals if one.debit != one.credit]
    return Check(
        "trial_balance",
        "open" if off else "done",
        "Debit and credit differ: " + ", ".join(f"{one.debit} / {one.credit} {one.currency}" for one in off)
        if off
        else "Debit equals credit in every currency.",
        f"/v1/ledger/trial-balance?as_of={facts.last_day}&company_code={facts.company_code}",
        len(off),
        tuple(Sum(one.currency, one.debit - one.credit, 1) for one in off),
    )


def _reconciled(facts: CompanyFacts) -> Check:
    off = [one for one in facts.reconciliations if one.state == "open"]
    return Check(
        "bank_reconciled",
        "open" if off else "done",
        f"{len(off)} accounts are not reconciled." if off else "Every difference between bank and books has its cause.",
        f"/v1/reconciliations/cash?period={facts.period}&company_code={facts.company_code}",
        len(off),
        tuple(_by_currency(off)),
        tuple(_open_point(one) for one in off[:MISSING_SHOWN]),
    )


def _by_currency(found: Iterable[Reconciliation]) -> Iterable[Sum]:
    sums: dict[str, Sum] = {}
    for one in found:
        before = sums.get(one.currency, Sum(one.currency, Decimal(0), 0))
        off = one.unexplained if one.unexplained is not None else -one.book_balance
        sums[one.currency] = Sum(one.currency, before.amount + off, before.count + 1)
    return sums.values()


def _open_point(one: Reconciliation) -> str:
    name = one.account or f"{one.ledger_account} without a house bank account"
    if one.bank is None:
        return f"{name}: the books hold {one.book_balance} {one.currency}, and no statement says a balance."
    if one.unexplained:
        return f"{name}: {one.unexplained} {one.currency} of the difference have no cause."
    return f"{name}: the period's statements are not whole."
