"""What may be recommended, the states of a recommendation, and what its decision carries out.

A recommendation is `proposed` until somebody else accepts it, modifies it (and so accepts what he says instead) or rejects it, or
who made it withdraws it. It only ever makes credit tighter: nothing of it needs an authority by amount.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from credit_service.credit_accounts.domain import ZERO, Account, Limit
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.credit import RecommendationKind
from shared.money import rounded

RecommendationStatus = Literal["proposed", "accepted", "modified", "rejected", "withdrawn"]
Decision = Literal["accept", "reject", "modify"]
PREPAYMENT = "prepayment"
"""Why orders are held, and the account is blocked, where this was recommended."""
STATUS_AFTER: dict[Decision, RecommendationStatus] = {
    "accept": "accepted",
    "reject": "rejected",
    "modify": "modified",
}


class RecommendationNotFoundError(NotFoundError):
    """There is no such recommendation."""

    code = "recommendation_not_found"

    def __init__(self, recommendation_id: str) -> None:
        super().__init__(f"There is no recommendation {recommendation_id}: see GET /v1/recommendations.")


class RecommendationDecidedError(ConflictError):
    """The recommendation is not proposed any more."""

    code = "recommendation_decided"

    def __init__(self, recommendation_id: str, status: str) -> None:
        super().__init__(f"Recommendation {recommendation_id} is {status} already: make a new one.")


class RecommendationOpenError(ConflictError):
    """The same is recommended already."""

    code = "recommendation_open"

    def __init__(self, recommendation_id: str) -> None:
        super().__init__(
            f"Recommendation {recommendation_id} of the same kind waits: have it decided or withdrawn first."
        )


class RecommendationOutdatedError(ConflictError):
    """What is recommended is not possible any more."""

    code = "recommendation_outdated"

    def __init__(self, recommendation_id: str) -> None:
        super().__init__(
            f"The limit is lower than recommendation {recommendation_id} says by now: reject or modify it."
        )


class NothingToReduceError(InvalidError):
    """The limit does not lie above what is proposed."""

    code = "nothing_to_reduce"

    def __init__(self, present: Limit, currency: str) -> None:
        super().__init__(f"The limit is {present.shown} {currency}: recommend a lower one.", field="proposed.new_limit")


class NotYourRecommendationError(ForbiddenError):
    """Only who recommended may withdraw."""

    code = "not_your_recommendation"

    def __init__(self) -> None:
        super().__init__("Only who made the recommendation may withdraw it: reject it instead.")


class ProposalError(InvalidError):
    """The proposal does not fit the kind of recommendation."""

    code = "proposal"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a payment plan."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed in numbers, amounts in `currency`."""

    currency: str
    new_limit: Decimal | None = None
    amount: Decimal | None = None
    instalments: tuple[Instalment, ...] = ()
    item_ids: tuple[str, ...] = ()


_BELONGS_TO: dict[str, RecommendationKind] = {
    "new_limit": "reduce_limit",
    "instalments": "payment_plan",
    "item_ids": "write_off",
}


def ensure_fits(kind: RecommendationKind, proposal: Proposal) -> None:
    """Raise `ProposalError` where the proposal says what belongs to another kind, or a plan does not add up."""
    for field, its_kind in _BELONGS_TO.items():
        if kind != its_kind and getattr(proposal, field) not in (None, ()):
            raise ProposalError(f"This belongs to a recommendation of the kind {its_kind}.", field=f"proposed.{field}")
    if proposal.amount is not None and kind not in ("payment_plan", "write_off"):
        raise ProposalError("This belongs to a payment plan or a write-off.", field="proposed.amount")
    days = [one.due_on for one in proposal.instalments]
    if days != sorted(set(days)):
        raise ProposalError("Instalments are due on different days, the earliest first.", field="proposed.instalments")
    total = sum((one.amount for one in proposal.instalments), ZERO)
    if proposal.instalments and proposal.amount not in (None, total):
        raise ProposalError(f"The instalments sum to {total}, not to this amount.", field="proposed.amount")


def limit_to_propose(account: Account) -> Decimal:
    """Return the limit that a reduction without a number means: what is owed now, so that nothing may be added."""
    owed = rounded(max(account.exposure.total, ZERO), account.currency)
    present = account.limit.shown
    return owed if present is None else min(owed, present)


def reduced(limit: Limit, new_limit: Decimal) -> Limit | None:
    """Return the limit after a reduction, which ends a temporary increase; None where it would not lie lower."""
    lower = Limit.of(new_limit, limit.valid_until)
    return None if lower == limit or limit.lasting.is_raised_by(lower) else lower
