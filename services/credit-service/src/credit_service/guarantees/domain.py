"""What a guarantee counts for.

The one thing to know: a guarantee that we gave counts from the moment it is noted until the run of a business day behind its last
day, or a person, ends it. Should that run be late it counts a little longer, never too short. One that we received counts for
nothing: it secures what is owed and does not lower it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from credit_service.credit_accounts.domain import ZERO
from shared.errors import InvalidError, NotFoundError
from shared.money import Money

GuaranteeKind = Literal["given", "received"]
GuaranteeStatus = Literal["valid", "ended"]


class GuaranteeNotFoundError(NotFoundError):
    """The customer has no such guarantee."""

    code = "guarantee_not_found"

    def __init__(self, customer_id: str, guarantee_id: str) -> None:
        super().__init__(f"Customer {customer_id} has no guarantee {guarantee_id}.")


class GuaranteeEndsBeforeItBeginsError(InvalidError):
    """The last day lies before the first."""

    code = "guarantee_ends_before_it_begins"

    def __init__(self) -> None:
        super().__init__("A guarantee ends on or after its first day: correct valid_until.", field="valid_until")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a guarantee says. `valid_until` is its last day, None where it runs until it is ended."""

    kind: GuaranteeKind
    amount: Decimal
    currency: str
    valid_from: date
    valid_until: date | None
    note: str

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise GuaranteeEndsBeforeItBeginsError

    def is_over(self, as_of: date) -> bool:
        """Tell whether its last day lies before `as_of`."""
        return self.valid_until is not None and self.valid_until < as_of

    def written(self) -> dict[str, Any]:
        """Return the terms as the journal keeps them."""
        return {
            "kind": self.kind,
            "amount": str(Money(self.amount, self.currency).amount),
            "currency": self.currency,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "note": self.note,
        }


def counted(kind: str, status: str, account_amount: Decimal) -> Decimal:
    """Return what a guarantee adds to special exposure, in the account's currency."""
    return account_amount if kind == "given" and status == "valid" else ZERO
