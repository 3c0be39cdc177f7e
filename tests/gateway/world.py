"""A gateway as its users see it: an address, and tokens from its own token endpoint."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx


@dataclass
class Gateway:
    """One running gateway."""

    url: str
    http: httpx.AsyncClient
    secrets: dict[str, str]
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, data_dir: Path) -> AsyncIterator["Gateway"]:
        """Yield the gateway at `url`, with the clients of its data folder."""
        secrets = json.loads((data_dir / "clients.json").read_text())
        async with httpx.AsyncClient(base_url=url, timeout=20) as http:
            yield cls(url, http, secrets)

    async def token(self, client_id: str = "admin") -> str:
        """Return a token of a client."""
        if client_id not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": self.secrets[client_id],
            }
            answer = await self.http.post("/oauth/token", data=form)
            assert answer.status_code == 200, answer.text
            self._tokens[client_id] = answer.json()["access_token"]
        return self._tokens[client_id]

    async def bearer(self, client_id: str = "admin") -> dict[str, str]:
        """Return the header that makes a request one of this client."""
        return {"Authorization": f"Bearer {await self.token(client_id)}"}
