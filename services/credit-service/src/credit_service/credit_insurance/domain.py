"""What an insurance covers, and when somebody has to look at it.

The one thing to know: the insurer pays `covered_pct` of a loss up to the insured limit, less the deductible:

    cover = max(insured limit × covered_pct ÷ 100 − deductible, 0)

An overdue is told to the insurer once it is `notify_overdue_after_days` days old, by the end of the `notify_within_days` days
that follow; only what fell due since the cover began is insured.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from shared.errors import ConflictError, NotFoundError
from shared.money import rounded

ZERO = Decimal(0)
AlarmKind = Literal["exposure_above_insured_limit", "overdue_to_be_told", "expiring"]
AlarmStatus = Literal["open", "acknowledged", "closed"]
JUDGED_BY_DAY: tuple[AlarmKind, ...] = ("overdue_to_be_told", "expiring")
"""What time alone brings about. The exposure is watched by the database, in each transaction that changes it."""


class InsuranceNotFoundError(NotFoundError):
    """The customer is not insured."""

    code = "credit_insurance_not_found"

    def __init__(self, customer_id: str) -> None:
        path = f"PUT /v1/customers/{customer_id}/credit-insurance"
        super().__init__(f"There is no credit insurance for customer {customer_id}: put it with {path}.")


class AlarmNotFoundError(NotFoundError):
    """There is no such alarm."""

    code = "insurance_alarm_not_found"

    def __init__(self, alarm_id: str) -> None:
        super().__init__(f"There is no insurance alarm {alarm_id}: see GET /v1/insurance-alarms.")


class AlarmNotOpenError(ConflictError):
    """Somebody has seen to it, or its cause has gone."""

    code = "insurance_alarm_not_open"

    def __init__(self, alarm_id: str, status: str) -> None:
        super().__init__(f"The insurance alarm {alarm_id} is {status} already.")


@dataclass(frozen=True, slots=True)
class Insurance:
    """The terms of a customer's insurance, in its own currency. `valid_from` and `valid_until` are its first and last day."""

    insurer: str
    policy_number: str
    insured_limit: Decimal
    currency: str
    covered_pct: Decimal
    deductible: Decimal
    valid_from: date
    valid_until: date
    notify_overdue_after_days: int | None = None
    notify_within_days: int = 0
    expiry_notice_days: int = 30
    max_terms_days: int | None = None

    @property
    def cover(self) -> Decimal:
        """What the insurer would pay of a loss of the whole insured limit."""
        share = rounded(self.insured_limit * self.covered_pct / 100, self.currency)
        return max(share - self.deductible, ZERO)

    def counted_until(self, as_of: date) -> date | None:
        """Return the due date up to which an open item is to be told of on `as_of`, None where nothing is ever told."""
        if self.notify_overdue_after_days is None:
            return None
        return as_of - timedelta(days=self.notify_overdue_after_days)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Open items of a customer in a range of due dates, in the account's currency."""

    items: int
    amount: Decimal
    oldest_due_date: date


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause of alarm with its figures."""

    kind: AlarmKind
    amount: Decimal
    items: int | None = None
    counted_until: date | None = None
    tell_by: date | None = None
    expires_on: date | None = None


def findings(insurance: Insurance, *, exposure: Decimal, overdue: Overdue | None, as_of: date) -> list[Finding]:
    """Return what time brought about by `as_of`; `overdue` are the items due since the cover began up to `counted_until`."""
    found = []
    counted_until = insurance.counted_until(as_of)
    if overdue is not None and counted_until is not None and insurance.notify_overdue_after_days is not None:
        days = insurance.notify_overdue_after_days + insurance.notify_within_days
        tell_by = overdue.oldest_due_date + timedelta(days=days)
        found.append(Finding("overdue_to_be_told", overdue.amount, overdue.items, counted_until, tell_by))
    if insurance.valid_until - timedelta(days=insurance.expiry_notice_days) <= as_of:
        found.append(Finding("expiring", max(exposure, ZERO), expires_on=insurance.valid_until))
    return found


def without(kinds: Iterable[AlarmKind], found: Iterable[Finding]) -> set[AlarmKind]:
    """Return the kinds whose cause was not found."""
    return set(kinds) - {one.kind for one in found}
