"""Looks at forms before their endpoint does: they are as strict as JSON bodies, and no card number comes in with them.

The one thing to know: a field that the endpoint does not know, or that stands twice, is refused; else a misspelt one would be
ignored, and of two files the last be taken. A file with a card number in it is refused as well where it is text, except by an
endpoint that masks them itself and says so.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, get_type_hints

from fastapi import Request, params
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData, UploadFile

from shared.card_numbers import CardNumberError, holds_card_number
from shared.errors import FieldError, InvalidError
from shared.texts import storable

_BINARY = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
"""How files begin whose text cannot be read without opening them."""

_SHOWN_MAX = 100
"""Characters of an unknown field's name that a problem repeats."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def masks_card_numbers(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that masks card numbers in the files it takes, which are not refused for them then."""
    endpoint.masks_card_numbers = True  # type: ignore[attr-defined]  # read by `form_guard_of`
    return endpoint


class FormError(InvalidError):
    """A form has fields that the endpoint does not take."""

    code = "invalid_request"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("Correct the fields named in errors.", errors=tuple(errors))


def _form_fields(endpoint: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the fields that an endpoint takes."""
    hints = get_type_hints(endpoint, include_extras=True)
    return frozenset(
        one.alias or name
        for name, hint in hints.items()
        for one in getattr(hint, "__metadata__", ())
        if isinstance(one, params.Form)
    )


def _wrong_fields(form: FormData, known: frozenset[str]) -> Iterator[FieldError]:
    counts = Counter(name for name, _ in form.multi_items())
    for name, count in counts.items():
        if name not in known:
            yield FieldError(
                name[:_SHOWN_MAX],
                f"There is no such field: known are {', '.join(sorted(known))}. Remove or correct it.",
            )
        elif count > 1:
            yield FieldError(name, f"The field stands {count} times: send it once.")
    for name, value in form.multi_items():
        if name in known and isinstance(value, str):
            try:
                storable(value)
            except PydanticCustomError as error:
                yield FieldError(name, error.message())


def takes_a_form(endpoint: Callable[..., Any]) -> bool:
    """Tell whether an endpoint takes a form."""
    return bool(_form_fields(endpoint))


async def _refuse_fields(request: Request, known: frozenset[str]) -> None:
    form = await request.form()
    fields = []
    for name, value in form.multi_items():
        if holds_card_number(name) or holds_card_number(
            (value.filename or "") if isinstance(value, UploadFile) else value
        ):
            fields.append(name)
    if fields:
        raise CardNumberError(fields)
    if wrong := list(_wrong_fields(form, known)):
        raise FormError(wrong)


async def _refuse_files(request: Request) -> None:
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
    known = _form_fields(endpoint)
    masks = getattr(endpoint, "masks_card_numbers", False)

    async def guard(request: Request) -> None:
        await _refuse_fields(request, known)
        if not masks:
            await _refuse_files(request)

    return guard
