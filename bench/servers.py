"""Servers of a benchmark's own, as safe as in earnest: fsync on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from openitem.local.postgres import prepare_postgres, start_postgres


@contextmanager
def postgres_with_commit_times() -> Iterator[str]:
    """Yield the URL of a server that keeps the time of each commit, so that a latency is read, not guessed."""
    with TemporaryDirectory(prefix="openitem-bench-") as folder:
        root = Path(folder)
        server = prepare_postgres(root, root / "postgres.log", durable=True)
        with (server.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write("track_commit_timestamp = on\n")
        process = start_postgres(server)
        try:
            yield server.url
        finally:
            process.stop()
