"""Database migrations: `python -m shared.migrate MIGRATIONS_DIR [DATABASE_URL]` upgrades a database to the newest revision."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

from shared import memory
from shared.database import async_url

_LOCK = "select pg_advisory_lock(hashtextextended('openitem.migrate', 0))"
"""Replicas that start together wait for one another."""


def config_for(directory: Path, url: str) -> Config:
    """Return Alembic's configuration for one service."""
    config = Config()
    config.set_main_option("script_location", str(directory))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(directory: Path, url: str) -> None:
    """Bring the database at `url` to the newest revision in `directory`."""
    command.upgrade(config_for(directory, url), "head")


def _plain_string(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write SQLModel's own string type as SQLAlchemy's, so that a revision needs no import of SQLModel."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def run_env(metadata: MetaData) -> None:
    """Run migrations from a service's `migrations/env.py`, which has nothing else to do than to name its metadata."""

    def migrate(connection: Connection) -> None:
        connection.execute(text(_LOCK))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, compare_type=True, render_item=_plain_string)
        with context.begin_transaction():
            context.run_migrations()

    async def connect() -> None:
        url = context.config.get_main_option("sqlalchemy.url")
        assert url is not None
        engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
        await engine.dispose()

    asyncio.run(connect())


if __name__ == "__main__":
    memory.settle()
    # Without a second argument the address comes by the environment, where no process list shows it.
    upgrade(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else os.environ["OPENITEM_DATABASE_URL"])
