"""A private RabbitMQ node in a data folder, from the scripts of an installed `rabbitmq-server`.

The node shares nothing with a RabbitMQ the machine may already run: own ports, own cookie, own epmd
(Erlang's name server), all on loopback, so two stacks never meet and nothing is left when it stops.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openitem.local.accounts import Account, account_for, hand_over, make_reachable
from openitem.local.errors import CannotStartError
from openitem.local.ports import LOOPBACK, accepts_connections, free_port
from openitem.local.processes import Command, Process, last_words

SYSTEM_USER = "rabbitmq"
BROKER_USER = "openitem"
NODE_NAME = "openitem@localhost"
START_SECONDS = 60.0
BOOTED = "booted"
SCRIPT_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin")
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
CONNECTION_START_FRAME = b"\x01\x00\x00"
BROKER_CONF = """\
listeners.tcp.local = {host}:{port}
default_user = {user}
default_pass = {password}
log.file = false
log.console = true
log.console.level = warning
disk_free_limit.absolute = 100MB
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 33554432
"""


@dataclass(frozen=True)
class LocalRabbitMQ:
    """Where the node's data is and how it is reached."""

    folder: Path
    log: Path
    script: Path
    epmd: Path
    port: int
    distribution_port: int
    epmd_port: int
    password: str
    account: Account | None
    inherited_fds: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """The broker's address, default virtual host."""
        return f"amqp://{BROKER_USER}:{self.password}@{LOOPBACK}:{self.port}/"

    def epmd_command(self) -> Command:
        """How the node's own Erlang name server is started; in the foreground, so that it ends with us."""
        return Command(
            name="epmd",
            argv=(str(self.epmd), "-port", str(self.epmd_port), "-address", LOOPBACK),
            log=self.log.with_name("epmd.log"),
            env=self._environment(),
            folder=self.folder,
            account=self.account,
            inherited_fds=self.inherited_fds,
        )

    def command(self) -> Command:
        """How the node is started; SIGTERM is its clean shutdown."""
        return Command(
            name="rabbitmq",
            argv=(str(self.script),),
            log=self.log,
            env=self._environment(),
            folder=self.folder,
            account=self.account,
            stop_seconds=15.0,
            death_signal="TERM",
            inherited_fds=self.inherited_fds,
        )

    def is_ready(self) -> bool:
        """Whether the broker answers an AMQP greeting (its listener opens last)."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(AMQP_HEADER)
                return connection.recv(3) == CONNECTION_START_FRAME
        except OSError:
            return False

    def note_first_boot(self) -> None:
        """Note that its data is whole; what a first boot left half done is thrown away by the next start."""
        (self.folder / BOOTED).touch(mode=0o600)

    def epmd_is_ready(self) -> bool:
        """Whether the name server listens: a node that finds none would start one that stays."""
        return accepts_connections(self.epmd_port)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            # A node that misses its name server would else start one that nobody stops.
            "ERL_AFLAGS": "-start_epmd false",
            # Without this the script stays between us and the node, and a signal would reach only the script.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": NODE_NAME,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_PID_FILE": str(self.folder / "node.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }


def find_rabbitmq() -> Path | None:
    """The plain start script of an installed RabbitMQ; Debian's wrapper insists on its own user."""
    on_path = shutil.which("rabbitmq-server")
    candidates = [Path(folder) / "rabbitmq-server" for folder in SCRIPT_FOLDERS]
    if on_path is not None:
        candidates.append(Path(on_path).resolve())
    return next((script for script in candidates if script.exists()), None)


def prepare_rabbitmq(root: Path, log: Path, script: Path, *, inherited_fds: tuple[int, ...] = ()) -> LocalRabbitMQ:
    """Make the node's folder `root`/rabbitmq with its configuration, and choose its ports."""
    epmd = shutil.which("epmd")
    if epmd is None:
        raise CannotStartError(f"{script} is installed but Erlang's epmd is not on PATH; reinstall erlang-base")
    account = account_for(SYSTEM_USER)
    if account is not None:
        make_reachable(root)
    folder = root / "rabbitmq"
    password = _password(root / "rabbitmq.password")
    node = LocalRabbitMQ(
        folder=folder,
        log=log,
        script=script,
        epmd=Path(epmd),
        port=free_port(),
        distribution_port=free_port(),
        epmd_port=free_port(),
        password=password,
        account=account,
        inherited_fds=inherited_fds,
    )
    if not (folder / BOOTED).exists():
        shutil.rmtree(folder / "data", ignore_errors=True)
    _configure(node)
    return node


def start_rabbitmq(node: LocalRabbitMQ) -> tuple[Process, Process]:
    """Start name server and node and wait until the broker answers; (epmd, node)."""
    epmd = Process(node.epmd_command())
    _wait(epmd, node.epmd_is_ready)
    process = Process(node.command())
    try:
        _wait(process, node.is_ready)
    except CannotStartError:
        epmd.kill()
        raise
    node.note_first_boot()
    return epmd, process


def _wait(process: Process, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.exit_code is not None or time.monotonic() > deadline:
            process.kill()
            log = process.command.log
            raise CannotStartError(f"{process.name} did not start: {last_words(log)} (see {log})")
        time.sleep(0.05)


def _configure(node: LocalRabbitMQ) -> None:
    hand_over(node.folder, node.account)
    conf = BROKER_CONF.format(host=LOOPBACK, port=node.port, user=BROKER_USER, password=node.password)
    files = {
        "rabbitmq.conf": conf,
        "rabbitmq-env.conf": "",
        "enabled_plugins": "[].\n",
        "advanced.config": "[].\n",
    }
    for name, content in files.items():
        path = node.folder / name
        path.touch(mode=0o600)
        path.write_text(content)
        if node.account is not None:
            os.chown(path, node.account.uid, node.account.gid)


def _password(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text().strip()
