"""A service that does what a test says, and remembers what it was asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.upstreams import UpstreamRoute

Script = Callable[["Asked", Receive, Send], Awaitable[None]]


@dataclass
class Asked:
    """One request as it arrived at the service."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    broken_off: bool = False

    def header(self, name: str) -> str | None:
        """Return a header that was sent at most once."""
        found = [value for key, value in self.headers if key == name.lower()]
        assert len(found) <= 1
        return found[0] if found else None


@dataclass
class ScriptedService:
    """An ASGI app; without a script it takes the whole body and answers 200 with a little JSON."""

    scripts: dict[str, Script] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        query = scope["query_string"].decode()
        path = scope["raw_path"].decode()
        asked = Asked(
            scope["method"],
            f"{path}?{query}" if query else path,
            [(name.decode(), value.decode()) for name, value in scope["headers"]],
        )
        self.asked.append(asked)
        await self.scripts.get(path, taking_all)(asked, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


async def take(asked: Asked, receive: Receive) -> None:
    """Take the request's body as it comes."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            asked.broken_off = True
            return
        asked.body += message.get("body", b"")
        if not message.get("more_body"):
            return


async def taking_all(asked: Asked, receive: Receive, send: Send) -> None:
    """Take the whole body, then answer."""
    await take(asked, receive)
    await reply(send, {"ok": True})


async def reply(send: Send, content: Any, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """Answer with JSON."""
    body = json.dumps(content).encode()
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": own + (headers or [])})
    await send({"type": "http.response.body", "body": body})


def answering(content: Any, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> Script:
    """Return a script that answers with this."""

    async def script(asked: Asked, receive: Receive, send: Send) -> None:
        await take(asked, receive)
        await reply(send, content, status, headers)

    return script


async def silent(asked: Asked, receive: Receive, send: Send) -> None:
    """Never answer."""
    await take(asked, receive)
    await asyncio.sleep(3600)


ROUTES = (
    UpstreamRoute("GET", "/v1/things", "credit-service", "credit:read"),
    UpstreamRoute("POST", "/v1/things", "credit-service", "credit:check"),
    UpstreamRoute("GET", "/v1/things/{thing_id}", "credit-service", "credit:read"),
    UpstreamRoute("PUT", "/v1/things/{thing_id}", "credit-service", None),
    UpstreamRoute("POST", "/v1/uploads", "cashapp-service", "imports:write", 4_000_000),
)
