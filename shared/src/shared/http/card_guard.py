"""Keeps card numbers out: what a caller sends is refused at the edge, before anything could store or log it.

The one thing to know: no route has to ask for it. JSON is looked at by middleware around all routes, so that a field which
takes anything, or one that is added tomorrow, is looked at as well; forms by `EffectRoute`, which every capability's router
has (`shared/http/form_guard.py`). Only an edge that a service has in front looks for itself at what it takes. Of addresses only
those of a PUT are looked at, which gives something new its key: others and query strings name what there is already, and the
log masks what it writes.
"""

import asyncio
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.card_numbers import CardNumberError, fields_with_card_numbers, holds_card_number, may_hold_card_number
from shared.http.context import BODY_BYTES_MAX, refuse_body
from shared.http.problems import problem_of

_LARGE_BODY_BYTES = 64 * 1024
"""A larger one is looked at on a thread, so that other requests are answered meanwhile."""
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class CardNumberGuard:
    """ASGI middleware: answers 422 to a JSON body with a card number in one of its values."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY or _is_form(scope):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "PUT" and _keys_with_card_numbers(scope["path"]):
            await problem_of(CardNumberError(["path"]))(scope, receive, send)
            return
        messages = await _body(receive)
        body = b"".join([message.get("body", b"") for message in messages])
        if len(body) > BODY_BYTES_MAX:
            await refuse_body(scope, receive, send)
            return
        fields = await asyncio.to_thread(_fields, body) if len(body) > _LARGE_BODY_BYTES else _fields(body)
        if fields:
            await problem_of(CardNumberError(fields))(scope, receive, send)
            return
        await self._app(scope, _again(messages, receive), send)


def _is_form(scope: Scope) -> bool:
    """Tell whether the body is a form, whichever of its types is believed."""
    types = [value for name, value in scope["headers"] if name == b"content-type"]
    return bool(types) and all(value.startswith(b"multipart/form-data") for value in types)


def _keys_with_card_numbers(path: str) -> bool:
    """Tell whether a card number stands in a key of an address; in one piece it is the ERP's own key, as in a body."""
    return any(not key.isalnum() and holds_card_number(key) for key in path.split("/"))


async def _body(receive: Receive) -> list[Message]:
    """Return the messages of a body: all, or those up to the one with which it is too large or its sender is gone."""
    messages = [await receive()]
    length = len(messages[0].get("body", b""))
    while messages[-1].get("more_body") and length <= BODY_BYTES_MAX:
        messages.append(await receive())
        length += len(messages[-1].get("body", b""))
    return messages


def _fields(body: bytes) -> list[str]:
    """Return the fields of a JSON body in which card numbers stand; a body that is no JSON has no fields."""
    # Only UTF-8 has no zero bytes in it (RFC 8259, section 8.1); the parser behind takes UTF-16 and UTF-32 as well.
    if b"\0" not in body and not may_hold_card_number(body):
        return []
    try:
        return fields_with_card_numbers(json.loads(body))
    except (ValueError, RecursionError):
        return []


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Return what gives the messages once more, and then what comes after them."""
    waiting = iter(messages)

    async def replay() -> Message:
        return next(waiting, None) or await receive()

    return replay
