"""Many rows in one statement: their columns go to PostgreSQL as arrays, which costs a fraction of a statement per row."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, String, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def _arrays(columns: Sequence[Column[Any]]) -> str:
    # Text is cast to text: a cast to varchar(n) would cut off what is too long instead of refusing it.
    types = ["text" if isinstance(one.type, String) else one.type.compile(_POSTGRESQL) for one in columns]
    return ", ".join(f"cast(:{one.name} as {type_}[])" for one, type_ in zip(columns, types, strict=True))


class _Rows:
    """A statement over the columns of many rows."""

    def __init__(self, columns: Sequence[Column[Any]], statement: TextClause) -> None:
        self._names = [column.name for column in columns]
        self._statement = statement

    async def run(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows, each with a value for every column."""
        if rows:
            await session.execute(self._statement, {name: [row[name] for row in rows] for name in self._names})


class InsertRows(_Rows):
    """Inserts rows with all columns of a table but those that PostgreSQL counts up itself."""

    def __init__(self, table: Table) -> None:
        columns = [column for column in table.columns if column.identity is None]
        names = ", ".join(column.name for column in columns)
        super().__init__(columns, text(f"insert into {table.name} ({names}) select * from unnest({_arrays(columns)})"))


class UpdateRows(_Rows):
    """Updates some columns of rows that are found by one."""

    def __init__(self, table: Table, *, key: str, columns: Sequence[str]) -> None:
        concerned = [table.c[name] for name in (key, *columns)]
        changes = ", ".join(f"{name} = new.{name}" for name in columns)
        names = ", ".join(column.name for column in concerned)
        statement = (
            f"update {table.name} set {changes} from unnest({_arrays(concerned)}) as new ({names}) "
            f"where {table.name}.{key} = new.{key}"
        )
        super().__init__(concerned, text(statement))
