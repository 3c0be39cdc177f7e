"""The token by which the gateway calls the services on its own behalf, when it runs the business day."""

import time
from typing import Protocol

import aiohttp

from gateway.access.signing import SigningKey, TokenMint
from gateway.settings import GatewaySettings
from shared.days import Clock, SystemClock
from shared.errors import UnavailableError

SUBJECT = "gateway"
ROLE = "admin"
RENEW_SECONDS = 60.0
"""A token that is about to expire is not used any more."""


class ServiceTokens(Protocol):
    """Gives tokens of the gateway itself."""

    async def token(self) -> str:
        """Return a token that is good for a while."""


class OwnTokens:
    """Tokens of the local profile, signed by the gateway's own key."""

    def __init__(self, mint: TokenMint, clock: Clock) -> None:
        self._mint = mint
        self._clock = clock

    async def token(self) -> str:
        """Return a new token."""
        return self._mint.mint(subject=SUBJECT, role=ROLE, scopes=None, at=self._clock.now())


class NoServiceTokenError(UnavailableError):
    """The issuer gives the gateway no token."""

    code = "no_service_token"


class IssuedTokens:
    """Tokens of an OpenID Connect issuer, by client credentials (RFC 6749, section 4.4)."""

    def __init__(self, *, token_url: str, client_id: str, client_secret: str) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._token = ""
        self._good_until = float("-inf")

    async def token(self) -> str:
        """Return the token that we have, or a new one; raise `NoServiceTokenError`."""
        if time.monotonic() > self._good_until - RENEW_SECONDS:
            await self._renew()
        return self._token

    async def _renew(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10), raise_for_status=True) as session,
                session.post(self._token_url, data=form) as answer,
            ):
                given = await answer.json(content_type=None)
                token, lifetime = str(given["access_token"]), float(given.get("expires_in", 300))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            raise NoServiceTokenError("The token issuer gives the gateway no token: see OPENITEM_OIDC_….") from error
        self._token = token
        self._good_until = time.monotonic() + lifetime


def service_tokens(settings: GatewaySettings) -> ServiceTokens:
    """Return where this profile's tokens come from."""
    if settings.profile == "local":
        key = SigningKey.kept_in(settings.data_dir)
        return OwnTokens(TokenMint(key, settings.issuer, settings.audience), SystemClock())
    return IssuedTokens(
        token_url=settings.oidc_token_url,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
    )
