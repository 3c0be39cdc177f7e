"""The migrations make exactly the tables that the code declares, and keep what is there."""

import asyncio

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.matching.domain import keys_in_text
from cashapp_service.tables import METADATA
from shared.database import create_engine
from shared.migrate import config_for
from tests.support.console import run_sql
from tests.support.services import REPOSITORY


async def test_the_migrations_leave_no_difference_to_the_declared_tables(cashapp_database: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    engine = create_engine(cashapp_database)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


async def test_customers_that_were_there_before_names_had_marks_are_found_by_them(fresh_database: str) -> None:
    config = config_for(REPOSITORY / "services/cashapp-service/migrations", fresh_database)
    await asyncio.to_thread(command.upgrade, config, "0013")
    known = """
        insert into customers (customer_id, version, names, currency, payment_terms, payment_requirements,
                               bank_account_fingerprints)
        values ('C-4711', 1, '["Brauhaus Ostwind", "&", "Brauhaus Ostwind"]', 'EUR', 'net 30', '{}', '[]');
        insert into learned_payers values ('name', 'Ostwind Zahlstelle', 'C-4711', 1), ('account', 'ab12', 'C-4711', 1)
    """
    run_sql(fresh_database, known)
    await asyncio.to_thread(command.upgrade, config, "head")
    engine = create_engine(fresh_database)
    async with AsyncSession(engine) as session:
        found = await customers.named_like(session, ["BRAUHAUS OSTWIND AG", "Ostwind Zahlstelle"], most=9)
        numbered = await customers.with_marks(session, accounts=(), keys=keys_in_text("Kunde C-4711"), most=9)
    await engine.dispose()
    assert {(one.name, one.learned) for one in found} == {("Brauhaus Ostwind", False), ("Ostwind Zahlstelle", True)}
    assert numbered == {"C-4711"}
