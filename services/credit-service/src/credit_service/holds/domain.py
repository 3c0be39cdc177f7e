"""What a hold is and who may let it go."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from credit_service.orders.domain import Release
from shared.errors import ConflictError, NotFoundError
from shared.events.credit import HoldReason
from shared.money import rounded

HoldStatus = Literal["open", "released", "rejected", "closed"]


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


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold with every reason that applies. `as_of` is the latest business day it was judged on."""

    hold_id: str
    order_id: str
    customer_id: str
    status: HoldStatus
    reasons: tuple[HoldReason, ...]
    checkpoint: str
    as_of: date
    manual: bool = False
    """Set by a person: it never releases itself."""


def release_terms(
    hold: Hold, *, amount: Decimal, currency: str, tolerance_pct: Decimal, valid_until: date | None
) -> Release:
    """Return what a person lets pass: the hold's reasons, up to the order's value and a tolerance in per cent of it."""
    up_to = rounded(amount * (1 + tolerance_pct / 100), currency)
    return Release(tuple(reason.rule for reason in hold.reasons), up_to, valid_until)
