from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from gateway.tables import METADATA
from shared.unit_of_work import Units


async def test_the_migrated_tables_are_those_that_the_gateway_declares(units: Units) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))

    async with units.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
