"""Up to which amount somebody approves what another asked for.

The one thing to know: an authority is stated per currency and nothing is converted, so 50,000 JPY are never taken for
50,000 EUR. A currency in which none of the caller's roles has an amount is left to the roles without a limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.errors import ForbiddenError
from shared.money import Money


class FourEyesError(ForbiddenError):
    """Somebody decides what he asked for himself."""

    code = "four_eyes"

    def __init__(self) -> None:
        super().__init__("You asked for this yourself: another person decides it. To take it back, cancel it.")


class AuthorityExceededError(ForbiddenError):
    """The amount is above the authority of who decides."""

    code = "authority_exceeded"

    def __init__(self, amount: Money, authority: "Authority") -> None:
        own = authority.most(amount.currency)
        stated = f"{own} {amount.currency}" if own is not None else f"no amount in {amount.currency}"
        super().__init__(f"{amount} is above your authority ({stated}): have somebody with a higher one decide.")


@dataclass(frozen=True, slots=True)
class Authority:
    """All that somebody may approve by his roles: the most by currency, or anything."""

    most_by_currency: Mapping[str, Decimal] = field(default_factory=dict)
    unlimited: bool = False

    def most(self, currency: str) -> Decimal | None:
        """Return the most that may be approved in a currency, None where there is no amount in it."""
        return self.most_by_currency.get(currency)

    def covers(self, amount: Money) -> bool:
        """Tell whether an amount may be approved; the most itself may."""
        own = self.most(amount.currency)
        return self.unlimited or (own is not None and amount.amount <= own)

    def ensure_covers(self, amount: Money) -> None:
        """Raise `AuthorityExceededError` above it."""
        if not self.covers(amount):
            raise AuthorityExceededError(amount, self)


@dataclass(frozen=True, slots=True)
class Decider:
    """Who acts, with his authority."""

    subject: str
    authority: Authority


AuthorityByRole = Mapping[str, Mapping[str, Decimal]]
"""Role → currency → amount."""


def authority_of(roles: frozenset[str], amounts: AuthorityByRole, *, unlimited_roles: frozenset[str]) -> Authority:
    """Return what somebody with `roles` may approve: in each currency the highest amount of any of them."""
    most: dict[str, Decimal] = {}
    for role in roles & amounts.keys():
        for currency, amount in amounts[role].items():
            most[currency] = max(amount, most.get(currency, amount))
    return Authority(most, unlimited=not roles.isdisjoint(unlimited_roles))


def ensure_may_decide(by: Decider, amount: Money, *, requested_by: str) -> None:
    """Raise `FourEyesError` for who asked himself, `AuthorityExceededError` above the authority."""
    if by.subject == requested_by:
        raise FourEyesError
    by.authority.ensure_covers(amount)
