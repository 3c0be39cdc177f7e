"""Keeps JSON out that gives a field twice: readers differ in which of the two they take (RFC 8259, section 4).

The one thing to know: what is no JSON at all is left to the parser behind, which says so.
"""

import json
from collections import Counter
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from shared.errors import InvalidError

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_SHOWN_MAX = 100
"""Characters of a field's name that a problem repeats."""


class DoubledNameError(InvalidError):
    """An object of the body has a field twice."""

    code = "field_twice"

    def __init__(self, name: str) -> None:
        shown = name[:_SHOWN_MAX].encode("utf-8", "replace").decode()
        super().__init__(f"The field {shown} stands twice in one object: send it once.", field=shown)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise DoubledNameError(counts.most_common(1)[0][0])
    return found


class GuardedRequest(Request):
    """A request whose JSON has each field once; it is read once, also where it is asked for again."""

    async def json(self) -> Any:
        """Return the body as JSON; raise `ValueError` for what is none, and `DoubledNameError`."""
        if not hasattr(self, "_content"):
            self._content = json.loads(await self.body(), object_pairs_hook=_unique)
        return self._content


async def guarded(request: Request) -> Request:
    """Return the request with its JSON read; raise `DoubledNameError`. Forms are looked at by their own guard."""
    if request.headers.get("Content-Type", "").lower().startswith(_FORMS):
        return request
    guarded_request = GuardedRequest(request.scope, request.receive)
    try:
        if await guarded_request.body():
            await guarded_request.json()
    except (ClientDisconnect, ValueError, RecursionError):
        # The parser behind says so, and of who hung up nobody waits for an answer.
        pass
    return guarded_request
