from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from credit_service.tables import METADATA
from shared.unit_of_work import Units


async def test_the_migrations_make_what_the_tables_declare(units: Units) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with units.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
