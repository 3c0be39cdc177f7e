import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from dispute_service.tables import METADATA
from shared.unit_of_work import Units
from tests.dispute.desk import Desk
from tests.dispute.ledger import Ledger


async def test_the_migrations_make_what_the_rows_declare(units: Units) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))

    async with units.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update disputed_items set disputed_amount = disputed_amount - 1", "conservation"),
        ("update disputed_items set paid_amount = -1, disputed_amount = disputed_amount + 1", "no_negative"),
        ("update disputes set status = 'closed'", "over_disputes_nothing"),
        ("update disputes set status = 'forgotten'", "status"),
        ("update disputes set stage = 'void'", "void"),
    ],
)
async def test_the_database_refuses_what_must_not_happen(
    desk: Desk, ledger: Ledger, statement: str, constraint: str
) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"))
    await desk.opened(("itm_1", "50.00"))

    async with desk.units.read() as session:
        with pytest.raises(IntegrityError, match=constraint):
            await session.execute(text(statement))


@pytest.mark.parametrize("statement", ["update dispute_history set by = 'x'", "delete from dispute_history"])
async def test_history_is_never_changed(units: Units, statement: str) -> None:
    async with units.read() as session:
        with pytest.raises(DBAPIError, match="added and never changed"):
            await session.execute(text(statement))
