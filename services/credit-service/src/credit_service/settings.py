"""Settings of credit-service."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from credit_service.authorities.domain import Authority, Grant
from credit_service.bureau_reports.domain.purchase import Offer, Terms
from credit_service.bureau_reports.domain.vault import ReportVault, key_from
from credit_service.coface.domain import ASSESSMENTS
from credit_service.dun_and_bradstreet.domain import BLOCKS
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
    report_key: SecretStr | None = Field(
        default=None, description="Encrypts bureau reports: 32 bytes as base64 (`openssl rand -base64 32`)"
    )
    retired_report_keys: list[SecretStr] = Field(
        default=[], description="Former report keys, which still open what they encrypted"
    )
    bureau_terms: dict[Literal["coface", "dun_bradstreet"], Terms] = Field(
        default={},
        description="Price, monthly cap and days a report stays fresh, by bureau, such as "
        '{"coface": {"cost": "25.00", "currency": "EUR", "monthly_cap": "500.00", "fresh_days": 90}}',
    )
    bureau_answer_seconds: float = Field(
        default=20, gt=0, le=120, description="How long one answer of a bureau may take"
    )
    bureau_pause_seconds_max: float = Field(default=8, gt=0, le=60, description="Longest pause between two attempts")
    bureau_coface_url: str = "https://icon-api.coface.com/dataapi-v1"
    bureau_coface_token_url: str = "https://api.coface.com/authentication/v1"
    bureau_coface_api_key: SecretStr | None = None
    bureau_coface_username: str | None = None
    bureau_coface_password: SecretStr | None = None
    bureau_coface_legitimate_interest: str = Field(default="100", description="Why one asks about a German company")
    bureau_dun_bradstreet_url: str = "https://plus.dnb.com"
    bureau_dun_bradstreet_key: SecretStr | None = None
    bureau_dun_bradstreet_secret: SecretStr | None = None

    policies_need_second_person: bool = Field(
        default=False, description="Whether a policy changes only by a draft that another person activates"
    )
    oidc_token_url: str = Field(
        default="", description="Where the worker gets the token by which it asks other services"
    )
    oidc_client_id: str = Field(default="", description="A client that may read items; without one no owner is asked")
    oidc_client_secret: SecretStr = SecretStr("")
    clients_file: Path | None = Field(default=None, description="The local profile's clients with their secrets")

    check_pool_size: int = Field(default=8, ge=1, le=50, description="Database connections for credit checks alone")

    @field_validator("report_key", "retired_report_keys")
    @classmethod
    def _read_keys(cls, value: SecretStr | list[SecretStr] | None) -> SecretStr | list[SecretStr] | None:
        for key in value if isinstance(value, list) else [value] if value is not None else []:
            key_from(key.get_secret_value())
        return value

    @model_validator(mode="after")
    def _need_a_report_key(self) -> Self:
        if self.profile == "production" and self.report_key is None:
            raise ValueError("OPENITEM_REPORT_KEY is missing: bureau reports are never kept in the clear.")
        return self

    def report_vault(self) -> ReportVault:
        """Return what seals and opens bureau reports; without a key (local profile only) it refuses to."""
        keys = [*([self.report_key] if self.report_key is not None else []), *self.retired_report_keys]
        return ReportVault([key_from(key.get_secret_value()) for key in keys] if self.report_key else [])

    def bureau_offers(self) -> Mapping[str, Offer]:
        """Return what can be bought from which bureau, and on what terms."""
        coface = self.bureau_coface_api_key and self.bureau_coface_username and self.bureau_coface_password
        dun_bradstreet = self.bureau_dun_bradstreet_key and self.bureau_dun_bradstreet_secret
        return {
            "coface": Offer(tuple(ASSESSMENTS), self.bureau_terms.get("coface", Terms()), bool(coface)),
            "dun_bradstreet": Offer(
                tuple(BLOCKS), self.bureau_terms.get("dun_bradstreet", Terms()), bool(dun_bradstreet)
            ),
        }

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
