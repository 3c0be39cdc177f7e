"""Keeps JSON out that gives a field twice: readers differ in which of the two they take (RFC 8259, section 4).

The one thing to know: what is no JSON at all is left to the parser behind, which says so.
"""

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from shared.errors import InvalidError

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_STRING = re.compile(rb'"([^"]*)"[ \t\r\n]*(:?)')
_SMALL_BYTES = 8 * 1024
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
    """Return a request whose JSON may be read; raise `DoubledNameError`. Forms are looked at by their own guard."""
    if request.headers.get("Content-Type", "").lower().startswith(_FORMS):
        return request
    try:
        body = await request.body()
    except ClientDisconnect:
        # Nobody waits for an answer; the parser behind ends the request.
        return request
    return request if _names_differ(body) else await _read_once(request, body)


async def _read_once(request: Request, body: bytes) -> Request:
    async def received() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    read = GuardedRequest(request.scope, received)
    # What is no JSON at all, the parser behind says so.
    with suppress(ValueError, RecursionError):
        await read.json()
    return read


def _names_differ(body: bytes) -> bool:
    """Tell whether no two fields of a whole body have one name: quick with a small one, and never wrong when it says so.

    Without a backslash a string ends at its next quotation mark, and is a name where a colon stands behind it.
    """
    if len(body) > _SMALL_BYTES or b"\\" in body or b"\0" in body:
        return False
    names = [name for name, colon in _STRING.findall(body) if colon]
    return len(set(names)) == len(names)
