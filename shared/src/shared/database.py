"""PostgreSQL: the engine, column types, and the words in which its errors reach a caller."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import DateTime, MetaData, Numeric, String, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

AMOUNT = Numeric(20, 4)
"""An exact amount; its currency stands in a column beside it."""
FRACTION = Numeric(30, 10)
"""What is reckoned to the last fraction of a unit before it is rounded once, such as the discount of a part."""
INSTANT = DateTime(timezone=True)
"""An instant in UTC."""
ID = String(64)
DOCUMENT = JSONB
"""A structured value that is read and written whole."""

_UNREACHABLE_SQLSTATES = ("08", "57P", "53")
"""Connection exceptions, operator intervention, insufficient resources (PostgreSQL, appendix A)."""
_CONTENDED_SQLSTATES = ("40001", "40P01")
"""Serialization failure and deadlock."""
_DUPLICATE_SQLSTATE = "23505"
"""Unique violation."""


def new_metadata() -> MetaData:
    """Return metadata with the project's constraint names, one per service."""
    return MetaData(naming_convention=NAMING)


def async_url(url: str) -> str:
    """Return the SQLAlchemy URL for a plain `postgresql://` one."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def create_engine(
    url: str,
    *,
    pool_size: int = 10,
    application: str = "openitem",
    server_settings: Mapping[str, str] | None = None,
    pre_ping: bool = True,
) -> AsyncEngine:
    """Return a pooled engine. Connections that the server closed are noticed before they are used, unless `pre_ping` is off.

    `server_settings` are settings of PostgreSQL for these connections beside the usual ones.
    """
    usual = {"application_name": application, "timezone": "UTC", "jit": "off"}
    engine = create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=pre_ping,
        # Faults are logged: the values of a statement may be bank accounts, and rows of a credit file.
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            "server_settings": {**usual, **(server_settings or {})},
        },
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def _notice_lost_server(context: Any) -> None:
        if is_unreachable(context.original_exception):
            context.is_disconnect = True

    return engine


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the maker of sessions: objects stay usable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=True)


async def see_one_moment(session: AsyncSession) -> None:
    """Have all that a reading session asks answered as of one moment; called before anything else is asked."""
    await session.execute(text("set transaction isolation level repeatable read, read only"))


def is_unreachable(error: BaseException | None) -> bool:
    """Tell whether `error` means that the database could not be reached or went away, so that trying again may help."""
    if isinstance(error, OSError | TimeoutError | PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return (_sqlstate(error) or "").startswith(_UNREACHABLE_SQLSTATES)


def is_contended(error: BaseException | None) -> bool:
    """Tell whether `error` means that another transaction was in the way, so that the same work may be done at once."""
    return _sqlstate(error) in _CONTENDED_SQLSTATES


def is_duplicate(error: BaseException | None) -> bool:
    """Tell whether `error` means that another row has a key which may be there once."""
    return _sqlstate(error) == _DUPLICATE_SQLSTATE


def _sqlstate(error: BaseException | None) -> str | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    sqlstate = getattr(original, "sqlstate", None)
    return str(sqlstate) if sqlstate else None


class DriverStatement:
    """A statement with `:named` values that the driver runs itself, for the busiest calls: SQLAlchemy costs it half its time.

    Values reach PostgreSQL in the driver's own types, so that the SQL casts them; rows are the driver's records. It runs in
    the session's transaction: where none is open yet SQLAlchemy runs it, which opens one and notices a lost connection.
    """

    def __init__(self, sql: str) -> None:
        self._names = list(dict.fromkeys(_NAME.findall(sql)))
        numbers = {name: f"${number}" for number, name in enumerate(self._names, 1)}
        self._sql = _NAME.sub(lambda found: numbers[found[1]], sql)

    async def run(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows, to be read by position."""
        given = tuple([values[name] for name in self._names])
        driver: Any = session.sync_session.info.get(DRIVER)
        if driver is None:
            connection = await session.connection()
            driver = (await connection.get_raw_connection()).driver_connection
            session.sync_session.info[DRIVER] = driver
            if not driver.is_in_transaction():
                result = await connection.exec_driver_sql(self._sql, given)
                return result.all() if result.returns_rows else []
        rows: Sequence[Any] = await run_on_driver(driver.fetch, self._sql, *given)
        return rows


async def run_on_driver(method: Callable[..., Awaitable[Any]], sql: str, *values: Any, **options: Any) -> Any:
    """Return what a method of a connection of the driver's gives; raise its faults as SQLAlchemy would."""
    try:
        return await method(sql, *values, **options)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        lost: bool = method.__self__.is_closed()  # type: ignore[attr-defined]
        raise DBAPIError(sql, None, error, connection_invalidated=lost) from error


_NAME = re.compile(r"(?<![:\w]):(\w+)")
DRIVER = "driver"
"""Where a session keeps the connection of the driver's that its transaction is on."""


@asynccontextmanager
async def advisory_lock(engine: AsyncEngine, name: str) -> AsyncIterator[AsyncConnection | None]:
    """Hold the named session lock of this database, or yield None where another process has it.

    The lock is PostgreSQL's own, so it falls with the connection when its holder dies.
    """
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = await connection.exec_driver_sql("select pg_try_advisory_lock(hashtextextended($1, 0))", (name,))
        if not taken.scalar_one():
            yield None
            return
        try:
            yield connection
        finally:
            # Closing the connection frees the lock whatever state it is in, also where the block was cancelled.
            await connection.invalidate()
