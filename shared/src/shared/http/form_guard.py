"""Keeps card numbers out of forms: their fields, the names of their files, and the files themselves where they are text.

The one thing to know: a file with a card number in it is refused, except by an endpoint that masks them itself and says so.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from fastapi import Request, params
from starlette.datastructures import UploadFile

from shared.card_numbers import CardNumberError, holds_card_number

_BINARY = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
"""How files begin whose text cannot be read without opening them."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def masks_card_numbers(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that masks card numbers in the files it takes, which are not refused for them then."""
    endpoint.masks_card_numbers = True  # type: ignore[attr-defined]  # read by `form_guard_of`
    return endpoint


def takes_a_form(endpoint: Callable[..., Any]) -> bool:
    """Tell whether an endpoint takes a form."""
    hints = get_type_hints(endpoint, include_extras=True).values()
    return any(isinstance(one, params.Form) for hint in hints for one in getattr(hint, "__metadata__", ()))


async def _refuse_fields(request: Request) -> None:
    fields = []
    for name, value in (await request.form()).multi_items():
        if holds_card_number(name) or holds_card_number(
            (value.filename or "") if isinstance(value, UploadFile) else value
        ):
            fields.append(name)
    if fields:
        raise CardNumberError(fields)


async def _refuse_fields_and_files(request: Request) -> None:
    await _refuse_fields(request)
    fields = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.seek(0)
            if await asyncio.to_thread(_text_holds_card_number, content):
                fields.append(name)
    if fields:
        raise CardNumberError(fields)


def _text_holds_card_number(content: bytes) -> bool:
    """Tell whether a file that is text has a card number in it; pictures, PDF and office files are not opened."""
    if content.startswith(_BINARY):
        return False
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return holds_card_number(content.decode(encoding, "replace"))


def form_guard_of(endpoint: Callable[..., Any]) -> Callable[[Request], Any]:
    """Return what a route asks for before its endpoint runs, for `Depends`."""
    return _refuse_fields if getattr(endpoint, "masks_card_numbers", False) else _refuse_fields_and_files
