"""One running stack, from an empty folder to a gateway that is ready, and back to nothing running."""

from __future__ import annotations

import asyncio
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from openitem.local import databases
from openitem.local.accounts import make_reachable
from openitem.local.broker import require_broker
from openitem.local.errors import CannotStartError
from openitem.local.install import ensure_rabbitmq
from openitem.local.lock import lock_data_folder
from openitem.local.narrator import Narrator
from openitem.local.ports import refusal_to_bind
from openitem.local.postgres import binaries, prepare_postgres
from openitem.local.processes import Command, Process, last_words
from openitem.local.rabbitmq import prepare_rabbitmq
from openitem.local.roles import ROLES
from openitem.local.settings import LocalSettings
from openitem.local.supervisor import Supervisor
from openitem.local.wiring import Wiring, inherited_environment, write_state

SERVERS = ("rabbitmq", "postgres")
NAME_SERVER = ("epmd",)
SERVER_SECONDS = 60.0
READY_SECONDS = 120.0
MIGRATION_SECONDS = 300.0
LOOK_SECONDS = 0.1


class Stack:
    """The servers and processes of one data folder."""

    def __init__(self, settings: LocalSettings, narrator: Narrator) -> None:
        """Take the data folder and the gateway's port; raises CannotStartError when either is in use."""
        self.settings = settings
        lock = lock_data_folder(settings.data_dir)
        refusal = refusal_to_bind(settings.port)
        if refusal:
            raise CannotStartError(f"port {settings.port} {refusal}; stop what uses it or set OPENITEM_PORT")
        self._tell = narrator
        self._wiring = Wiring(settings, inherited_fds=(lock,))
        self._supervisor = Supervisor(narrator.warn, self._record)
        self._broker_known = asyncio.Event()
        self._broker_ready = asyncio.Event()
        self._state_file = settings.data_dir / "stack.json"

    async def start(self) -> None:
        """Start everything and wait until the gateway is ready; raises CannotStartError."""
        self._open_paths()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._start_broker())
                tasks.create_task(self._start_database_and_roles())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        self._tell.doing("waiting until every service is ready")
        await self._until(self._gateway_is_ready, READY_SECONDS, "the gateway is not ready", self.settings.logs)
        self._tell.done(f"{len(ROLES)} processes ready")

    async def watch(self) -> None:
        """Restart whatever dies, until cancelled."""
        await self._supervisor.watch()

    async def stop(self) -> None:
        """Stop the roles first, then the servers they lean on, each while what it leans on is still there."""
        kept = SERVERS + NAME_SERVER
        await self._supervisor.stop([name for name in self._supervisor.pids if name not in kept])
        if not self._broker_ready.is_set():
            # A node that boots does not listen to signals, and has taken nothing that could be lost.
            self._supervisor.kill("rabbitmq")
        await self._supervisor.stop(SERVERS)
        await self._supervisor.stop(NAME_SERVER)
        self._state_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End everything now."""
        self._supervisor.kill_all()

    async def _start_database_and_roles(self) -> None:
        if self.settings.database_url:
            self._wiring.server_url = self.settings.database_url
        else:
            await self._start_postgres()
        await asyncio.to_thread(databases.create_databases, self._wiring.server_url)
        await self._migrate()
        # The APIs load while the broker boots; the workers, which can do nothing without it, do not slow it down.
        await self._broker_known.wait()
        self._start_roles("api")
        await self._broker_ready.wait()
        self._start_roles("worker")

    def _start_roles(self, kind: str) -> None:
        for role in ROLES:
            if role.kind == kind:
                self._supervisor.start(self._wiring.command(role))

    async def _start_postgres(self) -> None:
        settings, log = self.settings, self.settings.logs / "postgres.log"
        self._tell.doing("starting PostgreSQL")
        server = await asyncio.to_thread(
            prepare_postgres, settings.data_dir, log, inherited_fds=self._wiring.inherited_fds
        )
        self._wiring.server_url = server.url
        self._supervisor.start(server.command())
        await self._until(server.is_ready, SERVER_SECONDS, "PostgreSQL did not start", log)
        self._tell.done("PostgreSQL 18 ready")

    async def _migrate(self) -> None:
        server_url = self._wiring.server_url
        behind = await asyncio.to_thread(databases.databases_behind, server_url)
        if not behind:
            return
        self._tell.doing(f"migrating {len(behind)} databases")
        work = databases.migration_work(server_url, behind)
        command = Command(
            name="migrations",
            argv=(sys.executable, "-m", "shared.launch", "openitem.local.migrations"),
            log=self.settings.logs / "migrations.log",
            env={**inherited_environment(), databases.MIGRATIONS_VARIABLE: work},
            inherited_fds=self._wiring.inherited_fds,
        )
        await _run_to_the_end(command)
        self._tell.done(f"{len(behind)} databases migrated")

    async def _start_broker(self) -> None:
        settings, log = self.settings, self.settings.logs / "rabbitmq.log"
        if settings.amqp_url:
            await require_broker(settings.amqp_url)
            self._wiring.amqp_url = settings.amqp_url
            self._broker_known.set()
            self._broker_ready.set()
            return
        script = await asyncio.to_thread(ensure_rabbitmq, self._tell.say)
        node = prepare_rabbitmq(settings.data_dir, log, script, inherited_fds=self._wiring.inherited_fds)
        self._wiring.amqp_url = node.url
        self._supervisor.start(node.epmd_command())
        await self._until(node.epmd_is_ready, SERVER_SECONDS, "Erlang's epmd did not start", log)
        self._supervisor.start(node.command())
        self._broker_known.set()
        await self._until(node.is_ready, SERVER_SECONDS, "RabbitMQ did not start", log)
        node.note_first_boot()
        self._broker_ready.set()
        self._tell.done("RabbitMQ ready")

    async def _until(self, condition: Callable[[], bool], seconds: float, trouble: str, log: Path) -> None:
        """Wait until a condition holds; raises CannotStartError when it does not in time, or never can."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await asyncio.to_thread(condition):
            self._supervisor.refuse_hopeless()
            if asyncio.get_running_loop().time() > deadline:
                raise CannotStartError(f"{trouble} after {seconds:.0f} s; see {log}")
            await asyncio.sleep(LOOK_SECONDS)

    def _gateway_is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.settings.base_url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _open_paths(self) -> None:
        if os.geteuid() != 0:
            return
        for folder in make_reachable(self.settings.data_dir) + make_reachable(binaries()):
            if folder != self.settings.data_dir:
                self._tell.say(f"note: other users may now pass through {folder}: PostgreSQL must not be root")

    def _record(self) -> None:
        write_state(self._state_file, self._wiring.describe(self._supervisor.pids))


async def _run_to_the_end(command: Command) -> None:
    process = Process(command)
    try:
        code = await asyncio.to_thread(process.wait, MIGRATION_SECONDS)
    finally:
        process.kill()
    if code != 0:
        raise CannotStartError(f"{command.name} failed: {last_words(command.log, lines=1)} (see {command.log})")
