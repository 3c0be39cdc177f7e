"""Settings of the gateway."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import Settings

_OWN_KEYS = "http://127.0.0.1:8080/.well-known/jwks.json"


class GatewaySettings(Settings):
    """What the gateway needs beside what every process needs."""

    data_dir: Path = Field(default=Path(".openitem"), description="Where the local profile keeps its key and clients")
    ready_urls: str = Field(
        default="", description="Addresses that /readyz asks, separated by commas; the services' own where empty"
    )
    requests_per_second: float = Field(default=5_000, gt=0, description="Of one client, sustained")
    upstream_timeout_seconds: float = Field(default=30, gt=0, description="Silence after which a service is given up")
    oidc_token_url: str = Field(default="", description="Where the gateway gets the token of its own day runs")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _name_an_issuer(self) -> Self:
        if self.profile == "production" and self.jwks_url == _OWN_KEYS:
            raise ValueError("OPENITEM_JWKS_URL is not set: name the key set of your OpenID Connect issuer.")
        return self

    @property
    def upstreams(self) -> dict[str, str]:
        """The base address of each service."""
        return {
            "credit-service": self.credit_url,
            "cashapp-service": self.cashapp_url,
            "dispute-service": self.dispute_url,
            "collections-service": self.collections_url,
        }

    @property
    def readiness_addresses(self) -> list[str]:
        """Whom `/readyz` asks."""
        named = [url.strip() for url in self.ready_urls.split(",") if url.strip()]
        return named or [f"{url}/readyz" for url in self.upstreams.values()]
