"""How a document as it is known here stands to the one its owner has.

The one thing to know: both change all the time and are never read at one moment. Equal versions with other values are a
difference at once; all else may be on its way, and is a difference only if it is still so after the patience that events are
given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Standing = Literal["same", "different", "behind", "ahead", "missing", "unknown"]

WHY: Mapping[Standing, str] = {
    "different": "The version is the owner's, its content is not.",
    "behind": "An event of the owner was not applied.",
    "ahead": "It is newer here than with its owner.",
    "missing": "The owner has it, and it is not known here.",
    "unknown": "The owner does not know it.",
}


@dataclass(frozen=True, slots=True)
class State:
    """An item or receipt. `balance` is what of an item is open, what of a receipt is on account or not applied."""

    id: str
    kind: str
    version: int
    customer_id: str
    order_id: str | None
    amount: Decimal | None
    balance: Decimal
    currency: str
    document_date: date | None
    due_date: date | None

    @property
    def values(self) -> tuple[Any, ...]:
        """What must be the same on both sides; a receipt counts only with its cash."""
        if self.kind == "receipt":
            return (self.customer_id, self.balance, self.currency)
        return (self.kind, self.customer_id, self.order_id, self.amount, self.balance, self.currency, self.due_date)

    @property
    def category(self) -> str:
        """Where it counts."""
        if self.kind == "receipt":
            return "unapplied"
        return "special" if self.kind == "down_payment_request" else "open_items"


def stand(ours: State | None, theirs: State | None) -> Standing:
    """Return how our state of a document stands to its owner's; one of them is there."""
    if theirs is None:
        return "unknown"
    if ours is None:
        return "missing"
    if ours.version != theirs.version:
        return "behind" if ours.version < theirs.version else "ahead"
    return "same" if ours.values == theirs.values else "different"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it should be; amounts as text, None where there is nothing on that side."""

    customer_id: str
    category: str
    document: str | None
    ours: str | None
    theirs: str | None
    why: str

    def told(self) -> dict[str, Any]:
        """Return it as a job's result holds it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def difference(ours: State | None, theirs: State | None) -> Difference | None:
    """Return what is wrong between two states, None where nothing is."""
    standing = stand(ours, theirs)
    if standing == "same":
        return None
    known = theirs or ours
    assert known is not None, "a document without a state"
    return Difference(
        known.customer_id,
        known.category,
        known.id,
        _told(ours),
        _told(theirs),
        WHY[standing],
    )


def _told(state: State | None) -> str | None:
    if state is None:
        return None
    parts = [f"version {state.version}", f"{state.balance.normalize():f} {state.currency}"]
    if state.order_id:
        parts.append(f"order {state.order_id}")
    return ", ".join(parts)


def is_late(ours: State | None, first_seen: State | None, theirs: State | None) -> bool:
    """Tell, when patience is over, whether a document is wrong and not just moving all the time.

    `first_seen` is the owner's state when the difference was first noticed: who has passed it since is on the way.
    """
    standing = stand(ours, theirs)
    if standing == "behind" and ours is not None and first_seen is not None:
        return ours.version < first_seen.version
    return standing != "same"
