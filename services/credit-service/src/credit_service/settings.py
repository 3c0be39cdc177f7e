"""Settings of credit-service."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from credit_service.authorities.domain import Authority, Grant
from shared.settings import Settings


class CreditSettings(Settings):
    """What credit-service needs beside what every process needs."""

    authority_currency: str = Field(
        default="EUR", pattern="^[A-Z]{3}$", description="Currency of `credit_authority`; amounts are converted to it"
    )
    credit_authority: dict[str, Decimal] = Field(
        default={"credit_analyst": Decimal(50_000), "credit_manager": Decimal(1_000_000)},
        description="Up to which amount, in `authority_currency`, a role decides limits and releases",
    )
    credit_authority_by_currency: dict[str, dict[str, Decimal]] = Field(
        default={},
        description='Amounts of their own for accounts in a currency, such as {"JPY": {"credit_analyst": "8000000"}}',
    )
    authority_without_rate: Literal["as_stated", "none"] = Field(
        default="as_stated",
        description="Where no rate leads to `authority_currency`: compare the amount as it is stated, or cover nothing",
    )
    unlimited_credit_roles: frozenset[str] = Field(
        default=frozenset({"credit_manager"}), description="Roles that may decide that a limit is not managed"
    )

    limit_request_days: int = Field(
        default=90, ge=1, le=3650, description="Days after which a limit request that nobody decided lapses"
    )

    review_months: dict[str, int] = Field(
        default={"A": 12, "B": 12, "C": 6, "D": 3, "E": 1},
        description="Months from one review to the next by risk class, where the review does not say",
    )

    check_pool_size: int = Field(default=4, ge=1, le=50, description="Database connections for credit checks alone")

    def authority_of(self, roles: frozenset[str]) -> Authority:
        """Return what these roles may decide."""
        return Authority(
            self.authority_currency,
            tuple(self._grant(role) for role in sorted(roles)),
            unlimited=not roles.isdisjoint(self.unlimited_credit_roles),
            as_stated_without_rate=self.authority_without_rate == "as_stated",
        )

    def _grant(self, role: str) -> Grant:
        stated = self.credit_authority_by_currency.items()
        own = {currency: amounts[role] for currency, amounts in stated if role in amounts}
        return Grant(self.credit_authority.get(role, Decimal(0)), own)
