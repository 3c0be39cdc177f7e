"""The five databases on one server: created when absent, brought to the newest revision when behind."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from openitem.local.errors import CannotStartError
from openitem.local.postgres import binaries
from openitem.local.roles import PARTS, Part

MIGRATIONS_VARIABLE = "OPENITEM_MIGRATIONS"
REVISION = re.compile(r"^revision\b[^=\n]*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
PARENT = re.compile(r"^down_revision\b[^=\n]*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)


def database_url(server_url: str, part: Part) -> str:
    """The address of a part's own database on this server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{part.database}"))


def create_databases(server_url: str) -> None:
    """Create what is absent; raises CannotStartError when the server is unreachable or forbids it."""
    present = set(_query(server_url, "SELECT datname FROM pg_database").split())
    for part in PARTS:
        if part.database not in present:
            _query(server_url, f'CREATE DATABASE "{part.database}"')


def databases_behind(server_url: str) -> list[Part]:
    """The parts whose database is not at the newest revision of their migrations."""
    return [part for part in PARTS if _revision(database_url(server_url, part)) != newest_revisions(part.migrations)]


def newest_revisions(migrations: Path) -> set[str]:
    """The revisions that no other builds on, read from the files: much cheaper than loading Alembic."""
    texts = [file.read_text() for file in (migrations / "versions").glob("*.py")]
    revisions = {match.group(1) for text in texts if (match := REVISION.search(text))}
    return revisions - {match.group(1) for text in texts if (match := PARENT.search(text))}


def migration_work(server_url: str, parts: list[Part]) -> str:
    """What `python -m openitem.local.migrations` is to do, for its environment."""
    return json.dumps([(str(part.migrations), database_url(server_url, part)) for part in parts])


def _revision(url: str) -> set[str]:
    exists = _query(url, "SELECT to_regclass('alembic_version') IS NOT NULL")
    return set(_query(url, "SELECT version_num FROM alembic_version").split()) if exists == "t" else set()


def _query(url: str, statement: str) -> str:
    where = urlsplit(url)
    # The password goes by the environment: arguments are for everybody to see.
    netloc = where.netloc.replace(f":{where.password}@", "@") if where.password else where.netloc
    command = [str(binaries() / "psql"), "-X", "-A", "-t", "-q", "-w", "-c", statement]
    environment = {"PGCONNECT_TIMEOUT": "5", "PGPASSWORD": unquote(where.password or "")}
    done = subprocess.run(
        [*command, "-d", urlunsplit(where._replace(netloc=netloc))],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())
        raise CannotStartError(f"PostgreSQL at {where.hostname}:{where.port or 5432} refused: {reason}")
    return done.stdout.strip()
