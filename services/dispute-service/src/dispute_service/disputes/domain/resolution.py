"""Resolutions: what was found of a claim, what follows from it, and who may decide how much.

The one thing to know: only a valid claim, in whole or in part, grants something; `collect` grants nothing and is what an
invalid claim ends with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.errors import ForbiddenError, InvalidError
from shared.events.dispute import Outcome, Resolution
from shared.money import Money, rounded

POSTED_BY_CASHAPP: frozenset[Resolution] = frozenset({"credit_memo", "settlement"})
"""Resolutions after which cashapp-service credits the items, and the case closes when that has happened."""
WITHOUT_LIMIT = frozenset({"controller", "admin"})
"""Roles that may grant any amount."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was found and what follows. `amount` of None is all that is disputed, `resolved_on` of None today."""

    outcome: Outcome
    resolution: Resolution
    amount: Decimal | None = None
    root_cause: str | None = None
    note: str | None = None
    resolved_on: date | None = None


class ContradictoryResolutionError(InvalidError):
    """Outcome and resolution do not go together."""

    code = "contradictory_resolution"

    def __init__(self, outcome: Outcome, resolution: Resolution) -> None:
        super().__init__(
            f"A claim found {outcome} cannot end with {resolution}: an invalid one ends with collect, and only that one.",
            field="resolution",
        )


class ResolvedAmountError(InvalidError):
    """The amount does not go with the outcome or is more than what is disputed."""

    code = "resolved_amount"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="amount")


class ResolvedBeforeOpenedError(InvalidError):
    """The day of the decision lies before the day on which the case was opened."""

    code = "resolved_before_opened"

    def __init__(self, number: str, opened_on: date) -> None:
        super().__init__(f"{number} was opened on {opened_on}: it cannot be resolved before.", field="resolved_on")


class AuthorityExceededError(ForbiddenError):
    """The caller's role may not grant that much."""

    code = "authority_exceeded"

    def __init__(self, granted: Money, limit: Money) -> None:
        super().__init__(
            f"You may grant up to {limit} on one case, not {granted}: ask somebody with a higher authority."
        )


def ensure_consistent(outcome: Outcome, resolution: Resolution, *, amount: Money, disputed: Money) -> None:
    """Raise `ContradictoryResolutionError` or `ResolvedAmountError` where a decision does not hold together."""
    if (outcome == "invalid") != (resolution == "collect"):
        raise ContradictoryResolutionError(outcome, resolution)
    if amount > disputed:
        raise ResolvedAmountError(f"Only {disputed} is disputed: resolve at most that.")
    if outcome == "valid" and amount != disputed:
        raise ResolvedAmountError(f"A valid claim is granted in full, {disputed}: send that, or partially_valid.")
    if outcome == "partially_valid" and not amount:
        raise ResolvedAmountError("A partially valid claim is granted in part: send more than zero, or invalid.")


def granted_by(outcome: Outcome, amount: Money) -> Money:
    """Return what the customer is granted: nothing for an invalid claim, whose amount is what is to be collected."""
    return Money.zero(amount.currency) if outcome == "invalid" else amount


def ensure_authority(granted: Money, *, roles: Iterable[str], limits: Mapping[str, Decimal]) -> None:
    """Raise `AuthorityExceededError` where no role of the caller may grant that much. The limit itself may be granted.

    The limits hold as a number in the case's own currency, without conversion.
    """
    roles = frozenset(roles)
    if roles & WITHOUT_LIMIT:
        return
    limit = max((limits[role] for role in roles & limits.keys()), default=Decimal(0))
    if granted.amount > limit:
        raise AuthorityExceededError(granted, Money(rounded(limit, granted.currency), granted.currency))
