"""What a mass change does in all, counted account by account."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts.domain import ZERO, Limit
from shared.money import Money


@dataclass
class _Currency:
    accounts: int = 0
    raised: int = 0
    lowered: int = 0
    old_total: Decimal = ZERO
    new_total: Decimal = ZERO
    largest: Decimal = ZERO


@dataclass
class Tally:
    """Counts what is planned."""

    matched: int = 0
    planned: int = 0
    unchanged: int = 0
    not_possible: int = 0
    above_authority: Counter[str] = field(default_factory=Counter)
    currencies: dict[str, _Currency] = field(default_factory=dict)

    def count(self, currency: str, old: Limit, new: Limit, *, raises: bool, above: list[str]) -> None:
        """Count an account that would change; `above` are the roles that may not decide it."""
        self.planned += 1
        self.above_authority.update(above)
        one = self.currencies.setdefault(currency, _Currency())
        one.accounts += 1
        one.raised += old.is_raised_by(new)
        one.lowered += new.is_raised_by(old)
        one.old_total += old.shown or ZERO
        one.new_total += new.shown or ZERO
        one.largest = max(one.largest, new.shown or ZERO) if raises else one.largest

    def totals(self, roles: list[str]) -> dict[str, Any]:
        """Return the counts as they are stored and shown, for each of these roles how many it may not decide."""
        return {
            "matched": self.matched,
            "planned": self.planned,
            "unchanged": self.unchanged,
            "not_possible": self.not_possible,
            "above_authority": {role: self.above_authority[role] for role in roles},
            "currencies": [self._shown(currency, one) for currency, one in sorted(self.currencies.items())],
        }

    @staticmethod
    def _shown(currency: str, one: _Currency) -> dict[str, Any]:
        amounts = {"old_total": one.old_total, "new_total": one.new_total, "largest": one.largest}
        told = {name: str(Money(amount, currency).amount) for name, amount in amounts.items()}
        counts = {"accounts": one.accounts, "raised": one.raised, "lowered": one.lowered}
        return {"currency": currency} | counts | told
