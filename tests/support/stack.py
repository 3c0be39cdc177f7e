"""The whole system as a newcomer gets it: `openitem run` as a process of its own, on an empty data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import httpx

from openitem.local.ports import free_port

START_SECONDS = 120.0
STOP_SECONDS = 30.0
TOKEN_SECONDS = 120.0
RUN = [sys.executable, "-m", "openitem.main", "run"]


@dataclass
class RunningStack:
    """One running system: where it answers, who may ask, and which processes it consists of."""

    folder: Path
    runner: subprocess.Popen[bytes]
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def state(self) -> dict[str, Any]:
        """The runner's own account of what runs where, read anew each time."""
        state: dict[str, Any] = json.loads((self.folder / "stack.json").read_text())
        return state

    @property
    def base_url(self) -> str:
        """The gateway's address."""
        return str(self.state["base_url"])

    @property
    def amqp_url(self) -> str:
        """The broker's address."""
        return str(self.state["amqp_url"])

    @property
    def database_urls(self) -> dict[str, str]:
        """Each part's own database, by `credit`, `cashapp`, `dispute`, `collections`, `gateway`."""
        return dict(self.state["database_urls"])

    @property
    def urls(self) -> dict[str, str]:
        """The address of each process, by names as in `credit-api`; past the gateway."""
        return dict(self.state["urls"])

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each process and server now, by name; a restarted one has a new id."""
        return dict(self.state["pids"])

    @property
    def clients_file(self) -> Path:
        """The gateway's local clients and their secrets."""
        return self.folder / "clients.json"

    @property
    def clients(self) -> dict[str, str]:
        """Each client's secret by its id."""
        return dict(json.loads(self.clients_file.read_text()))

    def token(self, client_id: str) -> str:
        """A bearer token of this client; asked for anew when it may soon be too old."""
        token, asked_at = self._tokens.get(client_id, ("", 0.0))
        if not token or time.monotonic() - asked_at > TOKEN_SECONDS:
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": self.clients[client_id],
            }
            answer = httpx.post(f"{self.base_url}/oauth/token", data=form, timeout=60)
            answer.raise_for_status()
            token = str(answer.json()["access_token"])
            self._tokens[client_id] = (token, time.monotonic())
        return token

    def headers(self, client_id: str) -> dict[str, str]:
        """The header that makes a request this client's."""
        return {"Authorization": f"Bearer {self.token(client_id)}"}

    def client(self, client_id: str) -> httpx.AsyncClient:
        """An HTTP client of the gateway that speaks as this client."""
        return httpx.AsyncClient(base_url=self.base_url, headers=self.headers(client_id), timeout=60)

    def kill(self, name: str, with_signal: signal.Signals = signal.SIGKILL) -> int:
        """End one process or server, by its name; the process id it had."""
        pid = self.pids[name]
        os.kill(pid, with_signal)
        return pid

    def is_ready(self) -> bool:
        """Whether the gateway says that everything is usable."""
        try:
            # Asked again and again: a client of httpx's would read all certificates each time.
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=60) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait for /readyz; fails with the runner's words and the logs' ends."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.runner.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the stack is not ready:\n{self.account()}")
            time.sleep(0.1)

    def account(self) -> str:
        """What the runner said and how each log ends."""
        logs = [self.folder / "runner.log", *sorted((self.folder / "logs").glob("*.log"))]
        return "\n".join(f"--- {log.name}\n" + "\n".join(_tail(log)) for log in logs)

    def stop(self) -> int:
        """Ask the runner to stop, as `kill PID` does; its exit code."""
        self.runner.send_signal(signal.SIGTERM)
        return self.runner.wait(STOP_SECONDS)


def start_stack(folder: Path, **environment: str) -> RunningStack:
    """Start a runner on this data folder and return at once; an empty system unless told otherwise."""
    settings = {
        "OPENITEM_DATA_DIR": str(folder),
        "OPENITEM_PORT": str(free_port()),
        "OPENITEM_DEMO": "0",
        **environment,
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENITEM_")}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runner.log").open("ab") as log:
        runner = subprocess.Popen(
            RUN, env={**own, **settings}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    return RunningStack(folder, runner)


@contextmanager
def running_stack(folder: Path, **environment: str) -> Iterator[RunningStack]:
    """A stack that is ready, and stopped at the end."""
    stack = start_stack(folder, **environment)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        if stack.runner.poll() is None:
            stack.stop()


def _tail(log: Path, lines: int = 15) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-lines:]
