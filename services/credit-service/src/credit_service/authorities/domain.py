"""Up to which amount somebody decides.

The one thing to know: an authority is stated once, in the authority currency, and an amount in another currency is compared
at the stored rate; so 50,000 JPY are never taken for 50,000 EUR. Where a role has an amount of its own for a currency, that
one counts. Where no rate leads there, the setting says whether the amount counts as stated or nothing is covered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from credit_service.credit_accounts.domain import AuthorityExceededError, FourEyesError
from credit_service.exchange_rates.domain import Rates


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may decide: `amount` in the authority currency, and other amounts for accounts in other currencies."""

    amount: Decimal
    by_currency: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authority:
    """All that somebody may decide by his roles; `unlimited` ones may leave a limit unmanaged."""

    currency: str
    grants: tuple[Grant, ...] = ()
    unlimited: bool = False
    as_stated_without_rate: bool = True

    def covers(self, amount: Decimal | None, currency: str, rates: Rates) -> bool:
        """Tell whether an amount may be decided; None is an unmanaged limit."""
        if amount is None:
            return self.unlimited
        return any(self._covered_by(grant, amount, currency, rates) for grant in self.grants) or amount <= 0

    def _covered_by(self, grant: Grant, amount: Decimal, currency: str, rates: Rates) -> bool:
        own = grant.by_currency.get(currency)
        if own is not None:
            return amount <= own
        rate = rates.between(currency, self.currency)
        if rate is None:
            return self.as_stated_without_rate and amount <= grant.amount
        return amount * rate <= grant.amount


@dataclass(frozen=True, slots=True)
class Decider:
    """Who acts, with his authority."""

    subject: str
    authority: Authority


def ensure_another(*, requested_by: str, decided_by: str) -> None:
    """Raise `FourEyesError` where somebody decides what he asked for himself."""
    if requested_by == decided_by:
        raise FourEyesError


def ensure_covers(authority: Authority, amount: Decimal | None, currency: str, rates: Rates) -> None:
    """Raise `AuthorityExceededError` where the amount is above the authority."""
    if not authority.covers(amount, currency, rates):
        raise AuthorityExceededError("An unmanaged limit" if amount is None else str(amount), currency)
