"""What is asked and answered in a round, which checks may share one, and what is said where none is possible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from credit_service.credit_policies.domain import Policy, WhenUnavailable
from shared.answers import KeyedRequest
from shared.errors import OpenItemError, UnavailableError
from shared.values import value


@value(frozen=True, slots=True)
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


@value(frozen=True, slots=True)
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


PolicyKey = tuple[str, int]
"""Risk class and version."""


@dataclass(slots=True)
class PoliciesRead:
    """Versions of policies that a process has read, and the one that it saw last for each customer."""

    versions: dict[PolicyKey, Policy] = field(default_factory=dict)
    last: dict[str, PolicyKey] = field(default_factory=dict)
    customers_max: int = 200_000

    def see(self, customer_id: str, key: PolicyKey) -> None:
        """Take note of the policy in force for a customer; whoever is too many is forgotten, and gets the safest advice."""
        if len(self.last) >= self.customers_max:
            self.last.clear()
        self.last[customer_id] = key

    def advice(self, customer_ids: Iterable[str]) -> WhenUnavailable:
        """Return what to do with orders of these customers where no check is possible: the strictest that is said of any."""
        strictest: WhenUnavailable | None = None
        for customer_id in customer_ids:
            key = self.last.get(customer_id)
            said = HOLD if key is None else self.versions[key].content.when_unavailable
            strictest = said if strictest is None else _stricter(strictest, said)
        return strictest or HOLD


HOLD = WhenUnavailable(action="hold")


def _stricter(one: WhenUnavailable, other: WhenUnavailable) -> WhenUnavailable:
    if one.amount is None or other.amount is None or one.currency != other.currency:
        return one if one == other else HOLD
    return one if one.amount <= other.amount else other


class CheckUnavailableError(UnavailableError):
    """The facts cannot be read, so nothing is decided; the policy says what the caller should do."""

    def __init__(self, advice: WhenUnavailable) -> None:
        remedy = (
            "hold the order"
            if advice.amount is None
            else f"ship it only if it is worth less than {advice.amount} {advice.currency}, and check it afterwards"
        )
        super().__init__(
            f"The order was not checked, as its facts cannot be read at the moment: try again shortly, or {remedy}."
        )
        self.members = {"when_unavailable": advice.model_dump(mode="json", exclude_none=True)}
