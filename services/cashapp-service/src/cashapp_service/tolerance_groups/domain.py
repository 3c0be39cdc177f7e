"""How much of a difference may be written off without asking: amount and per cent, per item and per receipt.

The one thing to know: the smaller always counts, of amount and per cent, and of what the user and what the customer is
granted. A group that does not name a currency grants nothing in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from shared.errors import ConflictError, NotFoundError
from shared.money import Money, rounded, smallest_unit

GroupKind = Literal["user", "customer"]

SYSTEM = "system"
"""The member of a group of users that stands for what is applied automatically; in no group the company's limits hold."""


class ToleranceGroupNotFoundError(NotFoundError):
    """No tolerance group has this id."""

    code = "tolerance_group_not_found"

    def __init__(self, group_id: str) -> None:
        super().__init__(f"There is no tolerance group {group_id}: see GET /v1/tolerance-groups, or put it.")


class MemberElsewhereError(ConflictError):
    """A role or customer stands in another group of the same kind."""

    code = "member_of_another_group"

    def __init__(self, member: str, group_id: str) -> None:
        super().__init__(
            f"{member} belongs to the tolerance group {group_id}: take it out there first.", field="members"
        )


class GroupKindFixedError(ConflictError):
    """A group of users would become one of customers, or the other way round."""

    code = "group_kind_fixed"

    def __init__(self, group_id: str, kind: str) -> None:
        super().__init__(
            f"{group_id} is a group of {kind}s: its members stay of that kind, put another group.", field="kind"
        )


@dataclass(frozen=True, slots=True)
class Tolerance:
    """An amount and a share; the smaller counts. `by_currency` replaces `amount` where it is given."""

    amount: Decimal
    pct: Decimal
    by_currency: Mapping[str, Decimal] | None = None

    def limit(self, of: Money) -> Money:
        """Return the most that may be written off on `of`."""
        amount = self.amount if self.by_currency is None else self.by_currency.get(of.currency, Decimal(0))
        share = abs(of.amount) * self.pct / 100
        return Money(min(amount, share).quantize(smallest_unit(of.currency), "ROUND_DOWN"), of.currency)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one group grants, per item and for all items of a receipt together."""

    per_item: Tolerance
    per_receipt: Tolerance


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done without asking. `users` are the limits of the user's groups: of them the widest counts.

    `days_away` is how long money was away that had been paid in time; no group shortens it.
    """

    users: tuple[Limits, ...]
    customer: Limits | None = None
    discount_grace_days: int = 0
    days_away: int = 0
    exchange_difference_pct: Decimal = Decimal(10)

    @property
    def discount_days(self) -> int:
        """How many days a cash discount outlives its last day."""
        return self.discount_grace_days + self.days_away

    def item_limit(self, of: Money) -> Money:
        """Return the most that may be written off on an item of this amount."""
        own = max(limits.per_item.limit(of) for limits in self.users)
        return min(own, self.customer.per_item.limit(of)) if self.customer else own

    def receipt_limit(self, of: Money) -> Money:
        """Return the most that may be written off on all items that a receipt of this amount pays."""
        own = max(limits.per_receipt.limit(of) for limits in self.users)
        return min(own, self.customer.per_receipt.limit(of)) if self.customer else own

    def exchange_limit(self, of: Money) -> Money:
        """Return the most by which money in another currency may miss what it pays; beyond it the rate is doubted."""
        return Money(rounded(abs(of.amount) * self.exchange_difference_pct / 100, of.currency), of.currency)


@dataclass(frozen=True, slots=True)
class Policies:
    """What may be done without asking, by the customer whose receipt it is: `usual` where that is in no group."""

    usual: Policy
    by_customer: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, customer_id: str) -> Policy:
        """Return what holds for a customer's receipts."""
        return self.by_customer.get(customer_id, self.usual)


_NONE = Tolerance(Decimal(0), Decimal(0))
NOTHING_WITHOUT_ASKING = Policy(users=(Limits(_NONE, _NONE),))
"""For what the system does by itself and no one was asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceGroup:
    """A group: `members` are roles or customer numbers, `amounts` (per item, per receipt) by currency."""

    group_id: str
    kind: GroupKind
    name: str | None = None
    members: tuple[str, ...] = ()
    item_pct: Decimal
    receipt_pct: Decimal
    amounts: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    discount_grace_days: int | None = None

    @property
    def limits(self) -> Limits:
        """What the group grants."""
        per_item = {currency: item for currency, (item, _) in self.amounts.items()}
        per_receipt = {currency: receipt for currency, (_, receipt) in self.amounts.items()}
        return Limits(
            Tolerance(Decimal(0), self.item_pct, per_item), Tolerance(Decimal(0), self.receipt_pct, per_receipt)
        )


def policy_under(
    base: Policy, users_groups: tuple[ToleranceGroup, ...], customers_group: ToleranceGroup | None
) -> Policy:
    """Return the policy that holds: `base` where the user is in no group, narrowed by the customer's group.

    The days a cash discount outlives its last day are the customer's group's, else the widest of the user's groups'.
    """
    granted = [one.discount_grace_days for one in users_groups if one.discount_grace_days is not None]
    grace_days = max(granted, default=base.discount_grace_days)
    if customers_group is not None and customers_group.discount_grace_days is not None:
        grace_days = customers_group.discount_grace_days
    return Policy(
        users=tuple(group.limits for group in users_groups) or base.users,
        customer=customers_group.limits if customers_group else None,
        discount_grace_days=grace_days,
        days_away=base.days_away,
        exchange_difference_pct=base.exchange_difference_pct,
    )
