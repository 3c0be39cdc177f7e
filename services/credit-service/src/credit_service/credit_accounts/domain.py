"""Limit and exposure of one customer.

The one thing to know: a limit has three states that are never confused: `unmanaged` (no check of the limit), `zero` (any
positive exposure is held) and an amount. Past its validity a limit is zero until renewed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

LimitState = Literal["unmanaged", "zero", "amount"]
ZERO = Decimal(0)


class CustomerNotFoundError(NotFoundError):
    """No customer has this number."""

    code = "customer_not_found"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"There is no customer {customer_id}: put it first with PUT /v1/customers/{customer_id}.")


class UnknownCustomerError(InvalidError):
    """The body names a customer that does not exist."""

    code = "unknown_customer"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            f"There is no customer {customer_id}: put it first with PUT /v1/customers/{customer_id}.",
            field="customer_id",
        )


class CurrencyInUseError(ConflictError):
    """The account's currency cannot change any more."""

    code = "currency_in_use"

    def __init__(self, currency: str) -> None:
        super().__init__(f"The credit account has a limit or documents counted in {currency}: keep that currency.")


class FourEyesError(ForbiddenError):
    """Who asked cannot approve."""

    code = "four_eyes"

    def __init__(self) -> None:
        super().__init__("Who asked for it cannot decide it: another person has to.")


class AuthorityExceededError(ForbiddenError):
    """The amount is above what the caller's role may decide."""

    code = "authority_exceeded"

    def __init__(self, amount: str, currency: str) -> None:
        super().__init__(f"{amount} {currency} is above your authority: ask someone with a higher one.")


@dataclass(frozen=True, slots=True)
class Limit:
    """A credit limit. `valid_until` is the last day on which it holds, None without an end."""

    state: LimitState
    amount: Decimal | None = None
    valid_until: date | None = None

    @classmethod
    def of(cls, amount: Decimal | None, valid_until: date | None = None) -> "Limit":
        """Return the limit that was asked for: None is unmanaged, nothing is zero."""
        if amount is None:
            return cls("unmanaged", None, valid_until)
        return cls("amount", amount, valid_until) if amount > 0 else cls("zero", None, valid_until)

    def has_expired(self, as_of: date) -> bool:
        """Tell whether the validity ended before `as_of`."""
        return self.valid_until is not None and self.valid_until < as_of

    def effective(self, as_of: date) -> Decimal | None:
        """Return what may be owed on `as_of`, None where there is no bound."""
        if self.state == "zero" or self.has_expired(as_of):
            return ZERO
        return self.amount

    @property
    def shown(self) -> Decimal | None:
        """The limit as it is told: None where unmanaged."""
        return ZERO if self.state == "zero" else self.amount


@dataclass(frozen=True, slots=True)
class Exposure:
    """What counts against the limit, in the account's currency. Cash that is not applied lowers it."""

    open_orders: Decimal = ZERO
    open_items: Decimal = ZERO
    special: Decimal = ZERO
    unapplied: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Everything that counts against the limit."""
        return self.open_orders + self.open_items + self.special - self.unapplied

    def __add__(self, other: "Exposure") -> "Exposure":
        return Exposure(
            self.open_orders + other.open_orders,
            self.open_items + other.open_items,
            self.special + other.special,
            self.unapplied + other.unapplied,
        )


@dataclass(frozen=True, slots=True)
class Account:
    """A credit account as its lock holder knows it.

    `unconverted` counts the documents that wait for an exchange rate; `oldest_due_date` is that of the open items;
    `policy_version` is that of the policy in force for the risk class, so that the busiest call need not ask for it.
    """

    customer_id: str
    currency: str
    version: int
    limit: Limit
    risk_class: str
    blocked: bool
    exposure: Exposure
    oldest_due_date: date | None
    unconverted: int
    policy_version: int = 0
