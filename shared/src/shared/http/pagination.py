"""Keyset pagination with opaque cursors: a deep page costs what the first costs.

The one thing to know: a cursor belongs to the list that gave it, with its filters and its order; another list, in which it may
mean anything, refuses it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import InvalidError

T = TypeVar("T")

_TYPES: dict[str, Any] = {
    "s": str,
    "i": int,
    "n": Decimal,
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
}


class InvalidCursorError(InvalidError):
    """The cursor was not made by this list with these filters."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__("Use a cursor as it was given in next_cursor, with the same filters.", field="cursor")


class Page(BaseModel, Generic[T]):
    """A page of a list."""

    data: list[T] = Field(description="The entries of this page, in order")
    next_cursor: str | None = Field(description="Pass as `cursor` for the next page; null on the last")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for, and of which list with which filters."""

    limit: int
    cursor: str | None
    of: str

    def key(self, length: int) -> list[Any] | None:
        """Return the key of the row behind which the page begins, None for the first; raise `InvalidCursorError`."""
        if self.cursor is None:
            return None
        of, *key = decode_cursor(self.cursor, length=length + 1)
        if of != self.of:
            raise InvalidCursorError
        return key

    def cursor_behind(self, key: Sequence[Any]) -> str:
        """Return the cursor of the page behind the row with this key."""
        return encode_cursor((self.of, *key))


def page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows a page")] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before", max_length=2000)] = None,
) -> PageRequest:
    """Return the page asked for."""
    return PageRequest(limit, cursor, list_id(request.url.path, request.query_params.multi_items()))


def list_id(path: str, query: Iterable[tuple[str, str]]) -> str:
    """Return what stands in a cursor for its list: a digest of its path and filters, whichever page is asked for."""
    filters = sorted(one for one in query if one[0] not in ("limit", "cursor"))
    return hashlib.blake2s(json.dumps([path, filters]).encode(), digest_size=6).hexdigest()


Paging = Annotated[PageRequest, Depends(page_request)]


def _tag(value: Any) -> str:
    if isinstance(value, datetime):
        return "t" + value.isoformat()
    if isinstance(value, date):
        return "d" + value.isoformat()
    return {str: "s", int: "i", Decimal: "n"}[type(value)] + str(value)


def encode_cursor(key: Sequence[Any]) -> str:
    """Return the cursor behind the row with this key (text, integers, decimals, days, instants)."""
    return base64.urlsafe_b64encode(json.dumps([_tag(value) for value in key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> list[Any]:
    """Return the key in a cursor; raise `InvalidCursorError`."""
    try:
        tagged = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = [_TYPES[value[0]](value[1:]) for value in tagged]
    except (ValueError, binascii.Error, KeyError, IndexError, TypeError, InvalidOperation):
        raise InvalidCursorError from None
    if len(key) != length:
        raise InvalidCursorError
    return key


async def fetch_page(
    session: AsyncSession,
    statement: Select[Any],
    *,
    by: Sequence[Any],
    page: PageRequest,
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """Return one page of a statement that selects one entity, sorted by the unique key `by` (columns), and the next cursor."""
    key = page.key(len(by))
    if key is not None:
        # Of the columns' own types: a value of another one, from an edited cursor, is then refused as the caller's mistake.
        last = tuple_(*(literal(value, column.type) for column, value in zip(by, key, strict=True)))
        statement = statement.where(tuple_(*by) < last if descending else tuple_(*by) > last)
    order = [column.desc() if descending else column.asc() for column in by]
    rows = (await session.execute(statement.add_columns(*by).order_by(*order).limit(page.limit + 1))).all()
    more = len(rows) > page.limit
    shown = rows[: page.limit]
    return [row[0] for row in shown], page.cursor_behind(shown[-1][1:]) if more else None
