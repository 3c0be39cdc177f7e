"""The token by which a worker asks another service on its service's own behalf, by client credentials (RFC 6749, section 4.4)."""

import json
import time
from pathlib import Path
from typing import Any

import httpx

from shared.errors import UnavailableError
from shared.security import Principal

RENEW_SECONDS = 60.0
"""A token that is about to expire is not used any more."""


class NoServiceTokenError(UnavailableError):
    """The issuer gives the service no token."""

    code = "no_service_token"

    def __init__(self) -> None:
        super().__init__("The token issuer gives this service no token: see OPENITEM_OIDC_….")


class ServiceToken:
    """A token of one client, asked for when it is needed and kept while it is good.

    In the local profile the secret stands in the gateway's `clients_file`, which may be made after this process has started.
    """

    def __init__(
        self,
        *,
        token_url: str,
        client_id: str,
        client_secret: str = "",
        clients_file: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._clients_file = clients_file
        self._transport = transport
        self._token = ""
        self._good_until = float("-inf")

    async def principal(self) -> Principal:
        """Return who asks, with a token that is good for a while; raise `NoServiceTokenError`."""
        if time.monotonic() > self._good_until - RENEW_SECONDS:
            given = await self._ask()
            self._token = str(given["access_token"])
            self._good_until = time.monotonic() + float(given.get("expires_in", 300))
        return Principal(self._client_id, frozenset(), frozenset(), self._token)

    async def _ask(self) -> dict[str, Any]:
        try:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._secret(),
            }
            async with httpx.AsyncClient(timeout=10, transport=self._transport) as client:
                answer = await client.post(self._token_url, data=form)
            given = answer.raise_for_status().json()
            return {"access_token": given["access_token"], "expires_in": given.get("expires_in", 300)}
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            raise NoServiceTokenError from error

    def _secret(self) -> str:
        if self._clients_file is None:
            return self._client_secret
        return str(json.loads(self._clients_file.read_text())[self._client_id])
