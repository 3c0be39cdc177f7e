"""Settings of credit-service."""

from decimal import Decimal

from pydantic import Field

from shared.settings import Settings


class CreditSettings(Settings):
    """What credit-service needs beside what every process needs."""

    credit_authority: dict[str, Decimal] = Field(
        default={"credit_analyst": Decimal(50_000), "credit_manager": Decimal(1_000_000)},
        description="Up to which amount, in the account's currency, a role decides limits and releases",
    )
    unlimited_credit_roles: frozenset[str] = Field(
        default=frozenset({"credit_manager"}), description="Roles that may decide that a limit is not managed"
    )

    check_pool_size: int = Field(default=4, ge=1, le=50, description="Database connections for credit checks alone")

    def authority_of(self, roles: frozenset[str]) -> Decimal:
        """Return the highest authority of these roles."""
        return max((self.credit_authority.get(role, Decimal(0)) for role in roles), default=Decimal(0))
