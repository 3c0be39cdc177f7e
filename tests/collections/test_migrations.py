"""The migrated database is the one that the rows declare, and refuses what must not happen."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from collections_service.tables import METADATA
from shared.unit_of_work import Units
from tests.collections.books import DAY, Books, day
from tests.collections.desk import Desk


async def test_the_migrations_make_what_the_rows_declare(units: Units) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))

    async with units.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_database_refuses_what_must_not_happen(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.receive("C-1", "10.00", on=DAY)
    await desk.hear(*books.events)
    await desk.promise("C-1", "100.00", by=day(10), made_on=str(day(1)))

    for statement, constraint in (
        ("update promises set kept_amount = 101", "kept_within_amount"),
        ("update promises set kept_amount = -1", "kept_within_amount"),
        ("update promises set status = 'kept'", "status_agrees_with_money"),
        ("update promises set status = 'forgotten'", "status_agrees_with_money"),
        ("update promises set status = 'broken'", "decided_by_a_day"),
        ("update promises set promised_on = made_on - 1", "made_before_promised"),
        ("update receipts set held = amount + 1", "held_within_amount"),
        ("insert into item_postings values ('itm_0', 'p', '2026-01-01', 'issue', 1, null, null, null)", "item_id"),
    ):
        async with desk.units.read() as session:
            with pytest.raises(IntegrityError, match=constraint):
                await session.execute(text(statement))
