"""Which accounts a mass change is for."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from credit_service.credit_accounts.domain import Account
from credit_service.mass_limit_changes.domain.states import SelectionError


@dataclass(frozen=True, slots=True)
class Selection:
    """Criteria that all have to hold; empty ones do not count.

    Utilisation is exposure as a share of the effective limit, 0.8 for 80 %; an account without a positive limit has none, and
    matches neither bound. `not_reviewed_since` is a day: those reviewed on it or later are left out.
    """

    customer_ids: tuple[str, ...] = ()
    risk_classes: tuple[str, ...] = ()
    currency: str | None = None
    analyst: str | None = None
    country: str | None = None
    utilisation_below: Decimal | None = None
    utilisation_above: Decimal | None = None
    not_reviewed_since: date | None = None

    def ensure_stated(self) -> None:
        """Raise `SelectionError` where no criterion is stated, which would mean every account."""
        if not any(getattr(self, one.name) not in (None, ()) for one in fields(self)):
            raise SelectionError

    def is_used_as_asked(self, account: Account, as_of: date) -> bool:
        """Tell whether the use of an account's limit lies strictly within the bounds asked for."""
        if self.utilisation_below is None and self.utilisation_above is None:
            return True
        limit = account.limit.effective(as_of)
        if not limit:
            return False
        used = account.exposure.total
        below = self.utilisation_below is None or used < self.utilisation_below * limit
        return below and (self.utilisation_above is None or used > self.utilisation_above * limit)
