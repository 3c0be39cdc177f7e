"""cashapp-service as real processes, apis and a worker: any of them may be killed and is begun again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from uuid import uuid4

import httpx
from jwt.algorithms import ECAlgorithm

from openitem.local.ports import free_port
from tests.cashapp.integrity.steps import ASKER
from tests.support.services import bearer, signing_key

PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 0.05


class _Keys(BaseHTTPRequestHandler):
    """Publishes the key that signs this run's tokens, as the gateway does."""

    content: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def published_keys() -> Iterator[str]:
    """Yield the address of the token issuer's keys."""
    jwk = ECAlgorithm.to_jwk(signing_key().public_key(), as_dict=True) | {"kid": "test"}
    _Keys.content = json.dumps({"keys": [jwk]}).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Processes:
    """Two api processes and a worker; `kill` ends one as `kill -9` does and begins it again at once."""

    APIS = ("api-1", "api-2")
    WORKER = "worker"

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENITEM_")}
        self._environment |= environment
        self._ports = {name: free_port() for name in self.APIS}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Every process."""
        return (*self.APIS, self.WORKER)

    def begin(self, name: str) -> None:
        """Start a process."""
        role = "worker" if name == self.WORKER else "app"
        own = {"OPENITEM_HTTP_PORT": str(self._ports.get(name, 0))}
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "shared.launch", f"cashapp_service.{role}"],
                env=self._environment | own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self, name: str) -> None:
        """Kill a process, whatever it is doing, and begin it again."""
        self.kills += 1
        self._end(name, signal.SIGKILL)
        self.begin(name)

    def _end(self, name: str, with_signal: signal.Signals) -> None:
        self._running[name].send_signal(with_signal)
        self._running[name].wait(30)

    def end(self) -> None:
        """End all that runs."""
        for name in list(self._running):
            self._end(name, signal.SIGKILL)

    def url(self, name: str) -> str:
        """The address of an api."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def log(self, name: str) -> str:
        """Whether a process runs, and how its log ends."""
        ended = self._running[name].poll()
        return f"{name}: ended {ended}\n" + (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]


class Insistent:
    """A caller that asks again under one Idempotency-Key, of whichever api, until it is answered."""

    def __init__(self, processes: Processes, chance: Random) -> None:
        self._processes = processes
        self._chance = chance
        self._client = httpx.AsyncClient(timeout=30)
        self.repeats = 0

    async def __aenter__(self) -> Insistent:
        for name in self._processes.APIS:
            await self.wait_until_ready(name)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def post(self, path: str, body: dict[str, Any], *, by: str = ASKER) -> httpx.Response:
        """Return the answer, a refusal too."""
        key = bearer("admin", by) | {"Idempotency-Key": uuid4().hex}
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            answer = await self._once(path, body, key)
            if answer is not None and answer.status_code < 500 and not _in_flight(answer):
                return answer
            assert asyncio.get_running_loop().time() < deadline, f"{path} was never answered: {answer and answer.text}"
            assert answer is None or answer.status_code in (409, 503), f"{path}: {answer.status_code} {answer.text}"
            self.repeats += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _once(self, path: str, body: dict[str, Any], key: dict[str, str]) -> httpx.Response | None:
        url = self._processes.url(self._chance.choice(self._processes.APIS))
        try:
            return await self._client.post(url + path, json=body, headers=key)
        except httpx.TransportError:
            return None

    async def wait_until_ready(self, name: str) -> None:
        """Wait until an api answers."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self._client.get(f"{self._processes.url(name)}/healthz")
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return
            assert asyncio.get_running_loop().time() < deadline, self._processes.log(name)
            await asyncio.sleep(PAUSE_SECONDS)


def _in_flight(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json().get("code") == "request_in_flight"


@asynccontextmanager
async def running_processes(folder: Path, *, database_url: str, amqp_url: str) -> AsyncIterator[Processes]:
    """Run apis and worker; they are killed at the end."""
    with published_keys() as keys_url:
        processes = Processes(
            folder,
            OPENITEM_PROFILE="local",
            OPENITEM_DATABASE_URL=database_url,
            OPENITEM_AMQP_URL=amqp_url,
            OPENITEM_JWKS_URL=keys_url,
        )
        try:
            for name in processes.names:
                processes.begin(name)
            yield processes
        finally:
            processes.end()
