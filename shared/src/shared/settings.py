"""Typed settings, read once at start from `OPENITEM_…` variables. Unsafe defaults are refused outside the local profile."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What every process needs to know."""

    model_config = SettingsConfigDict(env_prefix="OPENITEM_", extra="ignore", hide_input_in_errors=True)

    profile: Literal["local", "production"] = "production"
    database_url: str = Field(description="postgresql://user:password@host:port/database")
    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672/"
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    jwks_url: str = "http://127.0.0.1:8080/.well-known/jwks.json"
    issuer: str = "openitem"
    audience: str = "openitem"
    credit_url: str = "http://127.0.0.1:8101"
    cashapp_url: str = "http://127.0.0.1:8102"
    dispute_url: str = "http://127.0.0.1:8103"
    collections_url: str = "http://127.0.0.1:8104"
    log_level: str = "INFO"
    database_pool_size: int = Field(default=10, ge=1, le=200)

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.profile == "local":
            return self
        if "guest:guest@" in self.amqp_url:
            raise ValueError("OPENITEM_AMQP_URL uses RabbitMQ's default password: give this system a user of its own.")
        if not urlsplit(self.database_url).password:
            raise ValueError("OPENITEM_DATABASE_URL has no password: give this service a database user of its own.")
        return self
