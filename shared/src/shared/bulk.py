"""Many rows in one statement: they go to PostgreSQL as one text, which costs a fraction of a statement per row.

The one thing to know: one text is also cheaper than an array per column, of which the driver looks at every element twice. And
the rows of a COPY may be made while PostgreSQL adds those before them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, String, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import run_on_driver

T = TypeVar("T")
ROWS_AT_ONCE = 50
"""So many rows are sent to PostgreSQL before the next ones are made."""
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

    async def run(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows in their order, each with a value for every column."""
        if rows:
            await session.execute(self._statement, {"rows": msgspec.json.encode(rows).decode()})


class InsertRows(_Rows):
    """Inserts rows with all columns of a table but those that PostgreSQL counts up itself."""

    def __init__(self, table: Table) -> None:
        columns = [column for column in table.columns if column.identity is None]
        names = ", ".join(column.name for column in columns)
        super().__init__(text(f"insert into {table.name} ({names}) select {names} from {_recordset(columns)}"))


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

    async def run(self, session: AsyncSession, rows: Iterable[Sequence[str | None]]) -> None:
        """Add rows in their order, each with its values in the order of `columns`, in the transaction that the session is in.

        PostgreSQL adds the first ones while the next ones are still being made. Where one cannot be made none is added.
        """
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver.is_in_transaction(), (
            "COPY is the first statement of a transaction that SQLAlchemy has not begun yet"
        )
        source = self._written(rows)
        await run_on_driver(driver.copy_to_table, self._table, source=source, columns=self.columns, null="")

    async def _written(self, rows: Iterable[Sequence[str | None]]) -> AsyncIterator[bytes]:
        made = iter(rows)
        while some := list(islice(made, ROWS_AT_ONCE)):
            text = _lines_of(some)
            breaks = text.count("\t"), text.count("\n")
            if "\\" in text or "\r" in text or breaks != (len(some) * (len(self.columns) - 1), len(some)):
                text = _lines_of([[one and one.translate(_ESCAPED) for one in row] for row in some])
            yield text.encode()


async def made_beside(waiting: Awaitable[None], things: Iterable[T]) -> list[T]:
    """Wait for PostgreSQL, and return things that are made in the pauses, a few at a time."""
    making = asyncio.create_task(_made_in_pauses(things))
    try:
        await waiting
        return await making
    finally:
        making.cancel()


async def _made_in_pauses(things: Iterable[T]) -> list[T]:
    made: list[T] = []
    rest = iter(things)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        made += some
        await asyncio.sleep(0)
    return made


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _lines_of(rows: Sequence[Sequence[str | None]]) -> str:
    return "".join(["\t".join([one or "" for one in row]) + "\n" for row in rows])
