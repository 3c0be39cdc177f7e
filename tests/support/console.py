"""SQL from fixtures, in a thread of its own: they are called with and without a running event loop.

The one thing to know: a new process of `psql` costs more than most of what tests ask for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import cache
from threading import Thread
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="console", daemon=True).start()
    return loop


def _done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def run_sql(url: str, statements: str) -> None:
    """Run statements on the database at this URL, in one transaction; fails with the server's words."""
    _done(_run(url, statements))


async def _run(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


_KEEP_SEED = """
create schema seed;
do $$ declare name text; filled boolean; begin
    for name in select tablename from pg_tables where schemaname = 'public' loop
        execute format('select exists (select from public.%I)', name) into filled;
        if filled then execute format('create table seed.%I as table public.%I', name, name); end if;
    end loop;
end $$;
"""
_PIECES = """
select 'empty', format('delete from public.%I', tablename) from pg_tables where schemaname = 'public'
union all
select 'empty', format('select setval(''public.%I'', %s, false)', sequencename, start_value)
from pg_sequences where schemaname = 'public'
union all
select 'fill', format('insert into public.%I select * from seed.%I', tablename, tablename)
from pg_tables where schemaname = 'seed'
"""
_OTHERS_LEAVE = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
"""
"""A test that failed may have left a transaction open, with its locks."""
_LARGE = """
select string_agg(oid::regclass::text, ', ') from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_table_size(oid) > 1000000
"""


class Copy:
    """A database that can be brought back to what it was at first.

    Rows are deleted, not truncated: truncating a table makes new files for it and each of its indexes, a hundred times the
    work. What has become large is truncated, so that the next test does not read through the dead rows.
    """

    def __init__(self, url: str) -> None:
        """Remember what the database at `url` has now."""
        self.url = url
        self._connection: asyncpg.Connection[Any] | None = None
        self._empty = self._fill = ""
        _done(self._remember())

    def restore(self) -> None:
        """Take back what was committed, and count from the start again."""
        _done(self._restore())

    async def _remember(self) -> None:
        connection = await self._connected()
        await connection.execute(_KEEP_SEED)
        pieces = await connection.fetch(_PIECES)
        self._empty, self._fill = ("; ".join(sql for kind, sql in pieces if kind == one) for one in ("empty", "fill"))

    async def _restore(self) -> None:
        connection = await self._connected()
        try:
            await connection.execute(_OTHERS_LEAVE)
            await connection.execute(self._empty)
            if large := await connection.fetchval(_LARGE):
                await connection.execute(f"truncate {large} cascade")
            if self._fill:
                await connection.execute(self._fill)
        except asyncpg.PostgresError:
            connection.terminate()  # else some later test would be told of a connection that nobody closed
            raise

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            # Append-only tables refuse to be emptied; a replica's session does not fire their triggers.
            replica = {"session_replication_role": "replica"}
            self._connection = await asyncpg.connect(self.url, server_settings=replica)
        return self._connection
