"""The databases of a server: made once, and migrated only when they are behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from openitem.local.databases import newest_revisions
from openitem.local.errors import CannotStartError
from openitem.local.postgres import prepare_postgres
from openitem.local.processes import run_as
from openitem.local.roles import PARTS, Part


def revision(folder: Path, name: str, parent: str | None) -> None:
    versions = folder / "versions"
    versions.mkdir(exist_ok=True)
    (versions / f"{name}.py").write_text(f'"""Why."""\n\nrevision = "{name}"\ndown_revision = {parent!r}\n')


def test_the_newest_revision_is_the_one_nothing_builds_on(tmp_path: Path) -> None:
    revision(tmp_path, "0001", None)
    revision(tmp_path, "0002", "0001")
    revision(tmp_path, "0003", "0002")
    assert newest_revisions(tmp_path) == {"0003"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_parts_migrations_have_one_newest_revision(part: Part) -> None:
    assert len(newest_revisions(part.migrations)) == 1


def test_a_failed_command_is_refused_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match=r"^no luck: disk is full$"):
        run_as(["sh", "-c", "echo first; echo 'disk is full' >&2; exit 1"], None, folder=tmp_path, refusal="no luck")


def test_the_password_file_is_for_its_owner_only(tmp_path: Path) -> None:
    prepare_postgres(tmp_path, tmp_path / "postgres.log", durable=False)
    assert (tmp_path / "postgres.password").stat().st_mode & 0o077 == 0


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.unfinished").mkdir()
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18")
    server = prepare_postgres(tmp_path, tmp_path / "postgres.log", durable=False)
    assert (server.folder / "global" / "pg_control").exists()
    assert not (tmp_path / "postgres.unfinished").exists()


def test_a_pid_file_of_a_server_long_gone_does_not_stop_the_next(tmp_path: Path) -> None:
    server = prepare_postgres(tmp_path, tmp_path / "postgres.log", durable=False)
    (server.folder / "postmaster.pid").write_text("1\n")
    prepare_postgres(tmp_path, tmp_path / "postgres.log", durable=False)
    assert not (server.folder / "postmaster.pid").exists()
