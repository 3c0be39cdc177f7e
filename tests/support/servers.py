"""The real PostgreSQL and RabbitMQ that tests run against: one pair per test session, gone with it.

`OPENITEM_TEST_DATABASE_URL` and `OPENITEM_TEST_AMQP_URL` name servers to use instead, so that several
sessions may share a running pair.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from openitem.local.install import ensure_rabbitmq
from openitem.local.postgres import prepare_postgres, start_postgres
from openitem.local.rabbitmq import prepare_rabbitmq, start_rabbitmq
from tests.support.console import run_sql


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """A server's URL; its data may be lost in a crash of the machine unless `durable`."""
    given = os.environ.get("OPENITEM_TEST_DATABASE_URL")
    if given and not durable:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="openitem-pg-") as folder:
        root = Path(folder)
        server = prepare_postgres(root, root / "postgres.log", durable=durable)
        process = start_postgres(server)
        try:
            yield server.url
        finally:
            process.stop()


@contextmanager
def running_rabbitmq() -> Iterator[str]:
    """A broker's URL."""
    given = os.environ.get("OPENITEM_TEST_AMQP_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="openitem-mq-") as folder:
        root = Path(folder)
        node = prepare_rabbitmq(root, root / "rabbitmq.log", ensure_rabbitmq(print))
        epmd, process = start_rabbitmq(node)
        try:
            yield node.url
        finally:
            process.stop()
            epmd.stop()


def create_database(server_url: str, name: str, *, template: str = "template1") -> str:
    """Create a database, empty or a copy of `template`; its URL."""
    run_sql(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def drop_database(server_url: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    run_sql(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
