"""Many rows in one statement."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, Date, Identity, Integer, MetaData, Numeric, String, Table, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError

from shared.bulk import CopyRows, InsertRows, UpdateRows, write_ahead
from shared.database import INSTANT, create_engine, session_factory
from tests.support.servers import create_database

BOOKS = Table(
    "books",
    MetaData(),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("id", String(8), unique=True),
    Column("amount", Numeric(20, 4)),
    Column("count", Integer),
    Column("day", Date),
    Column("at", INSTANT),
    Column("tags", ARRAY(Text)),
    Column("content", JSONB),
)
ROWS = [
    {
        "id": f"b-{n}",
        "amount": Decimal("123456789012345.6789") if n else None,
        "count": n or None,
        "day": date(2026, 3, 1),
        "at": datetime(2026, 3, 1, 12, 30, 0, 123456, UTC),
        "tags": ["a", 'quoted "b"', "{c,\\d}"] if n else [],
        "content": [{"net_amount": "1.00", "ü": None}] if n else {},
    }
    for n in (2, 0, 1)
]


async def test_rows_of_every_type_are_written_in_their_order_and_updated(postgres_url: str) -> None:
    engine = create_engine(create_database(postgres_url, "bulk"))
    async with engine.begin() as connection:
        await connection.run_sync(BOOKS.metadata.create_all)
    insert = InsertRows(BOOKS, ending="on conflict do nothing returning id")
    columns = [column for column in BOOKS.columns if column.name != "position"]

    async with session_factory(engine)() as session:
        assert await insert.run(session, ROWS) == ["b-2", "b-0", "b-1"]
        assert await insert.run(session, [*ROWS[:1], ROWS[2] | {"id": "b-3"}]) == ["b-3"]
        assert await insert.run(session, []) == []
        found = (await session.execute(select(*columns).order_by(BOOKS.c.position).limit(3))).mappings().all()
        assert [dict(row) for row in found] == ROWS
        changes = [{"id": "b-1", "amount": Decimal("0.01"), "count": None}]
        await UpdateRows(BOOKS, key="id", columns=("amount", "count")).run(session, changes)
        statement = select(BOOKS.c.id, BOOKS.c.amount, BOOKS.c.count).order_by(BOOKS.c.id)
        assert (await session.execute(statement)).all()[:2] == [("b-0", None, None), ("b-1", Decimal("0.0100"), None)]
        with pytest.raises(DBAPIError, match="too long"):
            await insert.run(session, [ROWS[0] | {"id": "longer than 8"}])
    await engine.dispose()


NOTES = Table(
    "notes",
    MetaData(),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("text", String(40)),
    Column("amount", Numeric(20, 4)),
    Column("day", Date),
)
ODD = ["tab\t", "line\nbreak", "return\rhere", "\r\n", 'a "quote"', "comma, too", "\\N", "\\.", " ", "NULL", "é😀\x02"]


async def test_copied_rows_keep_every_text_as_it_is_and_their_order(postgres_url: str) -> None:
    engine = create_engine(create_database(postgres_url, "copy"))
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.metadata.create_all)
    copy = CopyRows(NOTES)
    rows = [(one, "123456789012345.6789", "2026-03-01") for one in ODD]

    async with session_factory(engine)() as session:
        assert copy.columns == ["text", "amount", "day"]
        await session.execute(select(1))
        await copy.run_written(session, copy.written(rows))
        await copy.run_written(session, copy.written([("plain", "0", None), (None, "-1", None)]))
        found = await session.execute(select(NOTES.c.text, NOTES.c.amount, NOTES.c.day).order_by(NOTES.c.position))
        odd = [(one, Decimal("123456789012345.6789"), date(2026, 3, 1)) for one in ODD]
        assert [tuple(row) for row in found] == [*odd, ("plain", Decimal(0), None), (None, Decimal(-1), None)]
        with pytest.raises(DBAPIError, match="too long"):
            await copy.run_written(session, copy.written([("x" * 41, None, None)]))
    await engine.dispose()


class Pen:
    """Writes parts, each in two turns of the event loop, and keeps what happened in which order."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.seen: list[str] = []
        self._fails_at = fails_at

    def parts(self, count: int, *, fails_at: int | None = None) -> Iterator[int]:
        for n in range(count):
            if n == fails_at:
                raise ValueError(n)
            self.seen.append(f"made {n}")
            yield n

    async def write(self, n: int) -> int:
        self.seen.append(f"began {n}")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if n == self._fails_at:
            raise KeyError(n)
        self.seen.append(f"wrote {n}")
        return n * 10


async def test_each_part_is_made_while_the_one_before_is_being_written() -> None:
    pen = Pen()

    assert await write_ahead(pen.parts(3), pen.write) == [0, 10, 20]

    assert pen.seen == [f"{what} {n}" for what, n in zip(ORDER, (0, 0, 1, 0, 1, 2, 1, 2, 2), strict=True)]
    assert await write_ahead(pen.parts(0), pen.write) == []


ORDER = ("made", "began", "made", "wrote", "began", "made", "wrote", "began", "wrote")


async def test_where_a_part_cannot_be_made_nothing_is_under_way_any_more() -> None:
    pen = Pen()

    with pytest.raises(ValueError, match="1"):
        await write_ahead(pen.parts(3, fails_at=1), pen.write)

    for _ in range(5):
        await asyncio.sleep(0)
    assert pen.seen == ["made 0", "began 0"]


async def test_where_a_part_cannot_be_written_no_other_is() -> None:
    pen = Pen(fails_at=0)

    with pytest.raises(KeyError):
        await write_ahead(pen.parts(3), pen.write)

    assert pen.seen == ["made 0", "began 0", "made 1"]
