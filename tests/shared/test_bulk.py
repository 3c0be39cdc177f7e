"""Many rows in one statement."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, Date, Identity, Integer, MetaData, Numeric, String, Table, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bulk import ROWS_AT_ONCE, CopyRows, InsertRows, UpdateRows, made_beside
from shared.database import INSTANT, create_engine, session_factory
from shared.ids import new_id
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
    insert = InsertRows(BOOKS)
    columns = [column for column in BOOKS.columns if column.name != "position"]

    async with session_factory(engine)() as session:
        await insert.run(session, ROWS)
        await insert.run(session, [])
        found = (await session.execute(select(*columns).order_by(BOOKS.c.position))).mappings().all()
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


@pytest.fixture
async def copied(postgres_url: str) -> AsyncIterator[AsyncSession]:
    """A session whose transaction has begun, with an empty table of notes."""
    engine = create_engine(create_database(postgres_url, new_id("copy")))
    async with engine.begin() as connection:
        await connection.run_sync(NOTES.metadata.create_all)
    async with session_factory(engine)() as session:
        await session.execute(select(1))
        yield session
    await engine.dispose()


async def test_copied_rows_keep_every_text_as_it_is_and_their_order(copied: AsyncSession) -> None:
    copy = CopyRows(NOTES)
    rows = [(one, "123456789012345.6789", "2026-03-01") for one in ODD]

    assert copy.columns == ["text", "amount", "day"]

    for row in rows:
        # Each by itself too: an odd text is noticed for its own sake, not for that of its neighbours.
        await copy.run(copied, [row])
    await copy.run(copied, rows)
    await copy.run(copied, [("plain", "0", None), (None, "-1", None)])

    found = await copied.execute(select(NOTES.c.text, NOTES.c.amount, NOTES.c.day).order_by(NOTES.c.position))
    odd = [(one, Decimal("123456789012345.6789"), date(2026, 3, 1)) for one in ODD]
    assert [tuple(row) for row in found] == [*odd, *odd, ("plain", Decimal(0), None), (None, Decimal(-1), None)]
    with pytest.raises(DBAPIError, match="too long"):
        await copy.run(copied, [("x" * 41, None, None)])


async def test_many_rows_are_made_in_turns_with_sending_them_and_all_arrive_in_their_order(
    copied: AsyncSession,
) -> None:
    count = 2 * ROWS_AT_ONCE + 1

    await CopyRows(NOTES).run(copied, ((f"no. {n}", str(n), None) for n in range(count)))

    found = await copied.scalars(select(NOTES.c.text).order_by(NOTES.c.position))
    assert list(found) == [f"no. {n}" for n in range(count)]


async def test_where_a_row_cannot_be_made_none_is_added_and_the_transaction_may_be_undone_to_before_it(
    copied: AsyncSession,
) -> None:
    def rows() -> Iterator[tuple[str, None, None]]:
        for n in range(ROWS_AT_ONCE + 1):
            yield f"no. {n}", None, None
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        async with copied.begin_nested():
            await CopyRows(NOTES).run(copied, rows())

    await CopyRows(NOTES).run(copied, [("after", None, None)])
    assert list(await copied.scalars(select(NOTES.c.text))) == ["after"]


async def test_things_are_made_while_somebody_waits_and_all_of_them_are_there_in_their_order() -> None:
    seen = asyncio.Event()

    def things() -> Iterator[int]:
        for n in range(3 * ROWS_AT_ONCE + 1):
            if n == ROWS_AT_ONCE:
                seen.set()
            yield n

    # Only what is made meanwhile lets the waiting end.
    assert await asyncio.wait_for(made_beside(_until(seen), things()), 5) == list(range(3 * ROWS_AT_ONCE + 1))


async def test_nothing_more_is_made_for_who_waited_in_vain() -> None:
    made: list[int] = []

    async def in_vain() -> None:
        await asyncio.sleep(0)
        raise ConnectionError

    def things() -> Iterator[int]:
        for n in range(10 * ROWS_AT_ONCE):
            made.append(n)
            yield n

    with pytest.raises(ConnectionError):
        await made_beside(in_vain(), things())
    done = len(made)
    await asyncio.sleep(0.01)

    assert len(made) == done < 10 * ROWS_AT_ONCE


async def test_what_cannot_be_made_is_told_when_the_waiting_is_over() -> None:
    over = asyncio.Event()

    def things() -> Iterator[int]:
        yield 1
        over.set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await made_beside(_until(over), things())


async def _until(event: asyncio.Event) -> None:
    await event.wait()
