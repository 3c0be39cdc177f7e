"""credit-service and cashapp-service as far as collections-service asks them."""

from typing import Any
from urllib.parse import unquote

import httpx


class FakeOwners:
    """Answers for customers and items that it was given; unreachable while `down`."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.down = False
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("down", request=request)
        path = unquote(request.url.raw_path.decode())
        self.asked.append(path)
        found = self.resources.get(path)
        return httpx.Response(200, json=found) if found else httpx.Response(404)
