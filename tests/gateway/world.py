"""A gateway as its users see it: an address, and tokens from its own token endpoint."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.settings import GatewaySettings
from tests.gateway.sockets import free_port


def local_settings(data_dir: Path, **changes: Any) -> GatewaySettings:
    """Return settings of the local profile; services that are not named are down, and so is a database that is not."""
    down = f"127.0.0.1:{free_port()}"
    wanted: dict[str, Any] = {
        "profile": "local",
        "database_url": f"postgresql://openitem@{down}/openitem",
        "data_dir": data_dir,
        **{f"{name}_url": f"http://{down}" for name in ("credit", "cashapp", "dispute", "collections")},
        **changes,
    }
    return GatewaySettings(**wanted)


@dataclass
class Gateway:
    """One running gateway."""

    url: str
    http: httpx.AsyncClient
    secrets: dict[str, str]
    data_dir: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, data_dir: Path) -> AsyncIterator["Gateway"]:
        """Yield the gateway at `url`, with the clients of its data folder."""
        secrets = json.loads((data_dir / "clients.json").read_text())
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            yield cls(url, http, secrets, data_dir)

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
