"""Limit and exposure of one customer.

The one thing to know: a limit has three states that are never confused: `unmanaged` (no check of the limit), `zero` (any
positive exposure is held) and an amount. Past its validity a limit is zero until renewed.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.values import value

LimitState = Literal["unmanaged", "zero", "amount"]
LimitChangeKind = Literal["limit", "temporary", "temporary_ended", "terms"]
"""What a line of the limit journal is about; `terms` are payment terms or risk class alone."""
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
        super().__init__(
            f"The credit account has a limit, shares one, or has documents counted in {currency}: keep that currency.",
            field="currency",
        )


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


class NotAnIncreaseError(InvalidError):
    """A temporary increase must lie above the limit below it."""

    code = "not_an_increase"

    def __init__(self, limit: "Limit") -> None:
        why = "is not managed" if limit.state == "unmanaged" else f"is {limit.shown}"
        super().__init__(
            f"The limit {why}: a temporary increase must be higher. Ask without `temporary` to change the limit itself.",
            field="requested_limit",
        )


@value(frozen=True, slots=True)
class Limit:
    """A credit limit. `valid_until` is the last day on which it holds, None without an end.

    `temporary` stands above it until `temporary_until`, inclusive; then the limit below holds again by itself.
    """

    state: LimitState
    amount: Decimal | None = None
    valid_until: date | None = None
    temporary: Decimal | None = None
    temporary_until: date | None = None

    @classmethod
    def of(cls, amount: Decimal | None, valid_until: date | None = None) -> "Limit":
        """Return the limit that was asked for: None is unmanaged, nothing is zero."""
        if amount is None:
            return cls("unmanaged", None, valid_until)
        return cls("amount", amount, valid_until) if amount > 0 else cls("zero", None, valid_until)

    def has_expired(self, as_of: date) -> bool:
        """Tell whether the validity ended before `as_of`, and nothing stands above the limit for a time."""
        return self._has_ended(as_of) and not self.is_increased(as_of)

    def _has_ended(self, as_of: date) -> bool:
        return self.valid_until is not None and self.valid_until < as_of

    def is_increased(self, as_of: date) -> bool:
        """Tell whether a temporary increase holds on `as_of`; it does on its last day."""
        return self.temporary is not None and self.temporary_until is not None and as_of <= self.temporary_until

    def effective(self, as_of: date) -> Decimal | None:
        """Return what may be owed on `as_of`, None where there is no bound."""
        lasting = ZERO if self.state == "zero" or self._has_ended(as_of) else self.amount
        if lasting is None or not self.is_increased(as_of):
            return lasting
        return max(lasting, self.temporary or ZERO)

    @property
    def shown(self) -> Decimal | None:
        """The limit as it is told: None where unmanaged."""
        return ZERO if self.state == "zero" else self.amount

    def is_raised_by(self, other: "Limit") -> bool:
        """Tell whether `other` lets more be owed than this one on any day, whatever stands above for a time."""
        if self.state == "unmanaged" or other.state == "unmanaged":
            more = self.state != other.state and other.state == "unmanaged"
        else:
            more = (other.amount or ZERO) > (self.amount or ZERO)
        longer = self.valid_until is not None and (other.valid_until is None or other.valid_until > self.valid_until)
        return more or (longer and other.state != "zero")

    def followed_by(self, lasting: "Limit") -> "Limit":
        """Return the limit after a decision about what holds lastingly.

        A temporary increase stays above a limit that was raised and still lies below it; any other decision ends it, so that
        who lowers a limit is not undone by an increase of before.
        """
        stays = (
            self.temporary is not None
            and lasting.amount is not None
            and (self.amount or ZERO) < lasting.amount < self.temporary
        )
        return replace(lasting, temporary=self.temporary, temporary_until=self.temporary_until) if stays else lasting

    def increased(self, amount: Decimal, until: date) -> "Limit":
        """Return the limit with a temporary increase in place of the one before; raise `NotAnIncreaseError`."""
        if self.state == "unmanaged" or amount <= (self.amount or ZERO):
            raise NotAnIncreaseError(self)
        return replace(self, temporary=amount, temporary_until=until)

    @property
    def lasting(self) -> "Limit":
        """The limit without what stands above it for a time."""
        return replace(self, temporary=None, temporary_until=None)


@value(frozen=True, slots=True)
class Exposure:
    """What counts against the limit, in the account's currency. Cash that is not applied lowers it.

    A value walks from `open_orders` to `delivered` (and not invoiced) to `open_items`; `special` are down payments requested
    and guarantees.
    """

    open_orders: Decimal = ZERO
    open_items: Decimal = ZERO
    special: Decimal = ZERO
    unapplied: Decimal = ZERO
    delivered: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Everything that counts against the limit."""
        return self.open_orders + self.delivered + self.open_items + self.special - self.unapplied

    def __add__(self, other: "Exposure") -> "Exposure":
        return Exposure(
            self.open_orders + other.open_orders,
            self.open_items + other.open_items,
            self.special + other.special,
            self.unapplied + other.unapplied,
            self.delivered + other.delivered,
        )


@value(frozen=True, slots=True)
class Cover:
    """What a credit insurer covers, in the account's currency: the limit insured, what would be paid of it, its last day."""

    insured: Decimal = ZERO
    paid: Decimal = ZERO
    valid_until: date | None = None


@value(frozen=True, slots=True)
class Account:
    """A credit account as its lock holder knows it.

    `unconverted` counts the documents that wait for an exchange rate; `oldest_due_date` is that of the open items;
    `policy_version` is that of the policy in force for the risk class, so that the busiest call need not ask for it;
    `broken_promises` and `returned_payments` are the days on which they happened; `limit_decided` tells whether a lasting
    limit was ever given; `pool_id` is the customer whose limit the group shares and `pool_rate` leads to that customer's
    currency, None where no rate is known.
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
    payment_terms: str = ""
    score: int | None = None
    next_review_on: date | None = None
    dunning_level: int = 0
    broken_promises: tuple[date, ...] = ()
    returned_payments: tuple[date, ...] = ()
    cover: Cover = Cover()
    limit_decided: bool = False
    pool_id: str | None = None
    pool_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """Who asked for a change of the credit, who approved it, why, and what speaks for it.

    `request_id` is the document behind it: a limit request, a mass change, a recommendation.
    """

    requested_by: str
    approved_by: str
    reason: str
    request_id: str
    evidence: tuple[str, ...] = ()
    kind: LimitChangeKind = "limit"


def fallen_back(limit: Limit, request_id: str) -> LimitDecision:
    """Return the decision behind the line that says that a temporary increase has ended."""
    reason = f"the temporary increase held until {limit.temporary_until}"
    return LimitDecision("system", "system", reason, request_id, kind="temporary_ended")


@dataclass(frozen=True, slots=True)
class CreditChange:
    """What a decision makes of an account."""

    old: Account
    new: Account
    decision: LimitDecision

    @classmethod
    def of(
        cls,
        account: Account,
        limit: Limit,
        decision: LimitDecision,
        *,
        payment_terms: str | None = None,
        risk_class: str | None = None,
        next_review_on: date | None = None,
    ) -> "CreditChange":
        """Return the change of an account that is given a limit; what else is not stated stays as it is."""
        after = replace(
            account,
            limit=limit,
            payment_terms=payment_terms or account.payment_terms,
            risk_class=risk_class or account.risk_class,
            next_review_on=next_review_on or account.next_review_on,
            version=account.version + 1,
            # What stands above a limit for a time must not leave behind a limit that was never decided.
            limit_decided=account.limit_decided or decision.kind == "limit",
        )
        return cls(account, after, decision)

    def filed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what changes, old and new, by name."""
        old, new = _filed(self.old), _filed(self.new)
        changed = [name for name in new if old[name] != new[name]]
        return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _filed(account: Account) -> dict[str, Any]:
    limit = account.limit
    return {
        "limit": "unmanaged" if limit.shown is None else limit.shown,
        "valid_until": limit.valid_until,
        "temporary_limit": limit.temporary,
        "temporary_until": limit.temporary_until,
        "risk_class": account.risk_class,
        "payment_terms": account.payment_terms,
        "next_review_on": account.next_review_on,
    }


@dataclass(frozen=True, slots=True)
class Block:
    """Why an account is blocked, and who did it. `code` is a short reason such as `legal`."""

    code: str
    reason: str
    blocked_by: str
    blocked_at: datetime
