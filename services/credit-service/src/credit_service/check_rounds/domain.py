"""What is asked and answered in a round, and which checks may share one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.answers import KeyedRequest
from shared.errors import OpenItemError


@dataclass(frozen=True, slots=True)
class CheckAsk:
    """One check as it was asked for."""

    order_id: str
    customer_id: str
    amount: Decimal
    currency: str
    requested_delivery_date: date | None
    checkpoint: str
    dry_run: bool
    as_of: date
    asked_by: str
    request: KeyedRequest | None = None
    request_id: str | None = None
    order_type: str | None = None
    payment_terms: str | None = None
    prepaid: bool = False

    @property
    def content(self) -> tuple[object, ...]:
        """What two checks of one order must share to be the same; the day is no part of it."""
        return (
            self.customer_id,
            self.amount,
            self.currency,
            self.requested_delivery_date,
            self.checkpoint,
            self.order_type,
            self.payment_terms,
            self.prepaid,
        )


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What is answered; `replayed` where an `Idempotency-Key` was known."""

    status: int
    body: bytes
    replayed: bool = False


class AccountBusy(Exception):  # noqa: N818 - not an error: the check comes again and waits
    """Another transaction has the account; seen by nobody but the caller of a round."""


Outcome = CheckAnswer | OpenItemError | AccountBusy


def rounds(asks: Sequence[CheckAsk]) -> list[list[int]]:
    """Split checks so that no order and no key is twice in one round; a later one then sees the earlier one's effect."""
    found: list[list[int]] = []
    last: dict[object, int] = {}
    for number, ask in enumerate(asks):
        key = (ask.request.caller, ask.request.key) if ask.request is not None else None
        turn = 1 + max(last.get(ask.order_id, -1), last.get(key, -1) if key else -1)
        last[ask.order_id] = turn
        if key is not None:
            last[key] = turn
        if turn == len(found):
            found.append([])
        found[turn].append(number)
    return found
