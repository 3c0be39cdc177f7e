"""Many rows in one statement: they go to PostgreSQL as one text, which costs a fraction of a statement per row.

The one thing to know: one text is also cheaper than an array per column, of which the driver looks at every element twice. And
it can be made while PostgreSQL is busy with the text before it, which a batch of documents does (`write_ahead`).
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, String, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import run_on_driver

P = TypeVar("P")
R = TypeVar("R")

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def _recordset(columns: Sequence[Column[Any]]) -> str:
    # Text is read as text: as varchar(n) what is too long would be cut off instead of refused.
    types = ["text" if isinstance(one.type, String) else one.type.compile(_POSTGRESQL) for one in columns]
    named = ", ".join(f"{one.name} {type_}" for one, type_ in zip(columns, types, strict=True))
    return f"json_to_recordset(cast(cast(:rows as text) as json)) as new ({named})"


class _Rows:
    """A statement over many rows."""

    def __init__(self, statement: TextClause) -> None:
        self._statement = statement

    async def run(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Write rows in their order, each with a value for every column; return what the statement returns of them."""
        return await self.run_written(session, self.written(rows)) if rows else []

    def written(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return the text of rows, each with a value for every column."""
        return msgspec.json.encode(rows).decode()

    async def run_written(self, session: AsyncSession, rows: str) -> list[Any]:
        """Write the rows of a text in their order; return what the statement returns of them."""
        result = await session.execute(self._statement, {"rows": rows})
        return list(result.scalars()) if result.returns_rows else []  # type: ignore[attr-defined]  # a cursor's result


class InsertRows(_Rows):
    """Inserts rows with all columns of a table but those that PostgreSQL counts up itself.

    `ending` follows the statement, such as "on conflict do nothing returning item_id".
    """

    def __init__(self, table: Table, *, ending: str = "") -> None:
        columns = [column for column in table.columns if column.identity is None]
        names = ", ".join(column.name for column in columns)
        super().__init__(text(f"insert into {table.name} ({names}) select {names} from {_recordset(columns)} {ending}"))


class UpdateRows(_Rows):
    """Updates some columns of rows that are found by one."""

    def __init__(self, table: Table, *, key: str, columns: Sequence[str]) -> None:
        concerned = [table.c[name] for name in (key, *columns)]
        changes = ", ".join(f"{name} = new.{name}" for name in columns)
        super().__init__(
            text(f"update {table.name} set {changes} from {_recordset(concerned)} where {table.name}.{key} = new.{key}")
        )


class CopyRows:
    """Adds rows by COPY, the cheapest way in: for tables of which nothing has to be returned.

    A value is text as PostgreSQL reads it. An empty one is none: there are no empty texts in such a table.
    """

    def __init__(self, table: Table) -> None:
        self.columns = [column.name for column in table.columns if column.identity is None]
        self._table = table.name

    def written(self, rows: Sequence[Sequence[str | None]]) -> bytes:
        """Return the text of rows, each with its values in the order of `columns`."""
        text = _lines_of(rows)
        breaks = text.count("\t"), text.count("\n")
        if "\\" in text or "\r" in text or breaks != (len(rows) * (len(self.columns) - 1), len(rows)):
            text = _lines_of([[one and one.translate(_ESCAPED) for one in row] for row in rows])
        return text.encode()

    async def run_written(self, session: AsyncSession, rows: bytes) -> None:
        """Add the rows of a text in their order, in the transaction that the session is in."""
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver.is_in_transaction(), (
            "COPY is the first statement of a transaction that SQLAlchemy has not begun yet"
        )
        source = io.BytesIO(rows)
        await run_on_driver(driver.copy_to_table, self._table, source=source, columns=self.columns, null="")


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _lines_of(rows: Sequence[Sequence[str | None]]) -> str:
    return "".join(["\t".join([one or "" for one in row]) + "\n" for row in rows])


async def write_ahead(parts: Iterable[P], write: Callable[[P], Awaitable[R]]) -> list[R]:
    """Write parts one after the other, each made while the one before is being written; return what the writing gave.

    `parts` makes them one by one, in which it must not ask the database. Where one cannot be made or written, none is written
    after it, and nothing is under way any more when the fault is raised.
    """
    given: list[R] = []
    under_way: asyncio.Future[R] | None = None
    try:
        for part in parts:
            if under_way is not None:
                given.append(await under_way)
            under_way = asyncio.ensure_future(write(part))
            # Now the statement is sent; the task would else begin only when this one waits for it.
            await asyncio.sleep(0)
        if under_way is not None:
            given.append(await under_way)
    except BaseException:
        if under_way is not None:
            under_way.cancel()
            await asyncio.gather(under_way, return_exceptions=True)
        raise
    return given
