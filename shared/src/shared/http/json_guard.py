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


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise DoubledNameError(counts.most_common(1)[0][0])


async def refuse_doubled_names(request: Request) -> None:
    """Raise `DoubledNameError` for a JSON body that has a field twice; forms are looked at by their own guard."""
    if request.headers.get("Content-Type", "").lower().startswith(_FORMS):
        return
    try:
        body = await request.body()
    except ClientDisconnect:
        # Nobody waits for an answer; the parser behind ends the request.
        return
    if not body:
        return
    try:
        json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return
