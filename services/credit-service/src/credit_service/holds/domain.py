"""What a hold is, how it ends, and what somebody asks for who may not end it alone.

    open ──release within one's authority──────────────► released
      │  ▲                                                  ▲
      │  └── declined, withdrawn, or lapsed ◄─┐             │
      └──release above it──► release_requested ──release by another who may──┘
    either ──reject──► rejected, ──cause gone──► released, ──order cancelled or invoiced──► closed

The one thing to know: an order waits as long as its hold is `open` or `release_requested`, and never longer. A request lapses
when the order grows or another rule comes to hold it, because nobody asked for that to be let go.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from credit_service.credit_decisions.domain.rules import MANUAL
from credit_service.orders.domain import Release
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.events.credit import HoldReason
from shared.money import rounded

HoldStatus = Literal["open", "release_requested", "released", "rejected", "closed"]
HoldSort = Literal["age", "amount", "delivery_date"]
UNDECIDED: frozenset[HoldStatus] = frozenset({"open", "release_requested"})
"""While a hold is one of these, its order waits."""


class HoldNotFoundError(NotFoundError):
    """There is no such hold."""

    code = "hold_not_found"

    def __init__(self, hold_id: str) -> None:
        super().__init__(f"There is no hold {hold_id}: see GET /v1/holds.")


class HoldNotOpenError(ConflictError):
    """The hold was decided before."""

    code = "hold_not_open"

    def __init__(self, hold_id: str, status: str) -> None:
        super().__init__(f"Hold {hold_id} is {status} already: see GET /v1/orders for the order's present state.")


class HoldReasonsChangedError(ConflictError):
    """More holds the order now than the hold names."""

    code = "hold_reasons_changed"

    def __init__(self, hold_id: str, rules: tuple[str, ...]) -> None:
        super().__init__(
            f"The order is held by {', '.join(rules)} too by now: look at it again with "
            f"POST /v1/holds/{hold_id}/recheck, then decide."
        )


class ReleaseEndsTooEarlyError(InvalidError):
    """The release would have ended before it begins."""

    code = "release_ends_too_early"

    def __init__(self, valid_until: date, as_of: date) -> None:
        super().__init__(
            f"The release would end on {valid_until}, the order is judged as of {as_of}: name that day or a later one.",
            field="valid_until",
        )


class ReleaseReasonMissingError(InvalidError):
    """Nobody said yet why the order may go."""

    code = "release_reason_missing"

    def __init__(self) -> None:
        super().__init__("No release was asked for: send a reason_code.", field="reason_code")


class NoReleaseRequestError(ConflictError):
    """Nobody asked for a release of this hold, or it was decided already."""

    code = "no_release_request"

    def __init__(self, hold_id: str) -> None:
        super().__init__(f"No release of hold {hold_id} waits for a decision: see GET /v1/holds/{hold_id}.")


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """What a person says with a release. `valid_until` is its last day, None without an end."""

    reason_code: str
    note: str
    valid_until: date | None
    tolerance_pct: Decimal


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release that waits for somebody with the authority."""

    requested_by: str
    requested_at: datetime
    terms: ReleaseTerms


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold with every reason that applies. `as_of` is the latest business day it was judged on.

    `order_value` is what the whole order is worth, in the account's currency.
    """

    hold_id: str
    order_id: str
    customer_id: str
    status: HoldStatus
    reasons: tuple[HoldReason, ...]
    checkpoint: str
    as_of: date
    order_value: Decimal
    requested_delivery_date: date | None
    version: int = 1
    request: ReleaseRequest | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that hold the order."""
        return tuple(reason.rule for reason in self.reasons)

    @property
    def manual(self) -> bool:
        """Whether a person holds it: it then never releases itself."""
        return MANUAL in self.rules


def release_of(hold: Hold, terms: ReleaseTerms, *, amount: Decimal, currency: str) -> Release:
    """Return what a person lets pass: the hold's reasons, up to the order's value and a tolerance in per cent of it.

    Raises `ReleaseEndsTooEarlyError`.
    """
    if terms.valid_until is not None and terms.valid_until < hold.as_of:
        raise ReleaseEndsTooEarlyError(terms.valid_until, hold.as_of)
    # A manual hold ends with the release; another one later is another decision.
    rules = tuple(rule for rule in hold.rules if rule != MANUAL)
    return Release(rules, grown(amount, terms, currency), terms.valid_until)


def grown(amount: Decimal, terms: ReleaseTerms, currency: str) -> Decimal:
    """Return an amount with the tolerance of a release."""
    return rounded(amount * (1 + terms.tolerance_pct / 100), currency)
