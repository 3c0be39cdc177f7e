"""Migrating a real database."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.migrate import upgrade
from shared.unit_of_work import Units

ENV = """
from shared.database import new_metadata
from shared.migrate import run_env

run_env(new_metadata())
"""
REVISION = '''
"""Make a table, slowly enough for another process to come between."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("create table things (id int)")
    op.execute("select pg_sleep(0.5)")
'''


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / "versions" / "0001_things.py").write_text(REVISION)
    return tmp_path


async def revisions(url: str) -> list[str]:
    units = Units.connect(url, source="tests")
    async with units.engine.connect() as connection:
        await connection.execute(text("select * from things"))
        found = list((await connection.execute(text("select version_num from alembic_version"))).scalars())
    await units.close()
    return found


async def test_a_migrated_database_is_left_as_it_is(migrations: Path, fresh_database: str) -> None:
    await asyncio.to_thread(upgrade, migrations, fresh_database)
    await asyncio.to_thread(upgrade, migrations, fresh_database)
    assert await revisions(fresh_database) == ["0001"]


async def test_replicas_that_start_together_migrate_once(migrations: Path, fresh_database: str) -> None:
    command = [sys.executable, "-m", "shared.migrate", str(migrations), fresh_database]
    replicas = [await asyncio.create_subprocess_exec(*command) for _ in range(3)]
    assert [await replica.wait() for replica in replicas] == [0, 0, 0]
    assert await revisions(fresh_database) == ["0001"]
