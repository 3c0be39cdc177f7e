"""What a checklist says of facts, and what blocks a close."""

from decimal import Decimal
from typing import Any

import pytest

from cashapp_service.closes.domain import (
    CHECKS,
    BookTotals,
    Check,
    CheckName,
    CompanyFacts,
    Sum,
    checks_of,
    missing_of,
)
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.reconciliations.domain import Cause, Reconciliation

ONE = Sum("EUR", Decimal("12.00"), 1, "0-30")
BROKEN = LawVerdict("entries_balance", 5, ("entry jne_1: debit 2, credit 1 EUR",))
HELD = LawVerdict("entries_balance", 5, ())
OPEN_ACCOUNT = Reconciliation(
    company_code="1000",
    account="DE1",
    name=None,
    currency="EUR",
    ledger_account="cash",
    bank=None,
    book_balance=Decimal("7.00"),
    causes=(Cause("statement_missing", None, 1, "No statement says what the balance was."),),
)


def checked(**facts: Any) -> dict[CheckName, Check]:
    """Return the checklist of facts that are sound but for what is given."""
    sound = CompanyFacts(
        **{"company_code": "1000", "period": "2026-03", "last_day": "2026-03-31", "verdicts": [HELD]} | facts
    )
    return {one.name: one for one in checks_of(sound)}


def test_every_check_is_made_once_and_in_order() -> None:
    assert tuple(checked()) == CHECKS


def test_what_nothing_here_can_tell_is_not_available_and_never_done() -> None:
    states = {name: one.state for name, one in checked().items() if one.state != "done"}

    assert states == {"allowance_run": "not_available"}
    assert missing_of(checked().values(), ()) == []


@pytest.mark.parametrize(
    ("facts", "name", "count"),
    [
        ({"imports": ["caj_1: a.sta running"]}, "imports_finished", 1),
        ({"unidentified": [ONE, ONE]}, "unidentified_cash", 2),
        ({"unapplied": [ONE]}, "unapplied_cash", 1),
        ({"exceptions": [ONE]}, "payment_exceptions", 1),
        ({"submissions": [ONE]}, "submissions_failed", 1),
        ({"down_payments": [ONE]}, "down_payments_raised", 1),
        ({"verdicts": [HELD, BROKEN]}, "integrity", 1),
        ({"verdicts": []}, "integrity", 0),
        ({"totals": [BookTotals("EUR", Decimal(2), Decimal(1))]}, "trial_balance", 1),
        ({"reconciliations": [OPEN_ACCOUNT]}, "bank_reconciled", 1),
        ({"reconciliations": [OPEN_ACCOUNT]}, "statement_chain", 1),
    ],
)
def test_a_fact_that_is_open_opens_its_check(facts: dict[str, Any], name: CheckName, count: int) -> None:
    checks = checked(**facts)

    assert (checks[name].state, checks[name].count) == ("open", count)
    assert checks[name] in missing_of(checks.values(), ())


@pytest.mark.parametrize(("name", "blocks"), [("unapplied_cash", False), ("integrity", True), ("trial_balance", True)])
def test_the_ledgers_own_proof_cannot_be_accepted(name: CheckName, blocks: bool) -> None:
    unbalanced = [BookTotals("EUR", Decimal(2), Decimal(1))]
    checks = checked(unapplied=[ONE], verdicts=[BROKEN], totals=unbalanced)

    assert (checks[name] in missing_of(checks.values(), CHECKS)) is blocks
