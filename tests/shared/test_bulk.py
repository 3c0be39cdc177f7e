"""Many rows in one statement."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, Date, Identity, Integer, MetaData, Numeric, String, Table, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError

from shared.bulk import InsertRows, UpdateRows
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
