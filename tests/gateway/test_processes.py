"""The two roles as processes, as they are run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from shared.unit_of_work import Units
from tests.gateway.sockets import free_port

START_SECONDS = 30
STOP_SECONDS_MAX = 5


@contextmanager
def process(module: str, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENITEM_")}
    settings = {"PROFILE": "local", "HTTP_PORT": str(port), **environment}
    started = subprocess.Popen(
        [sys.executable, "-m", module],
        env=own | {f"OPENITEM_{name}": value for name, value in settings.items()},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def until_it_answers(url: str) -> httpx.Response:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            answer = httpx.get(url)
            if answer.status_code == 200:
                return answer
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.1)


@pytest.fixture
def environment(units: Units, migrated_database: str, amqp_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": migrated_database, "AMQP_URL": amqp_url, "DATA_DIR": str(tmp_path)}


def test_the_worker_says_when_it_is_ready_and_stops_when_it_is_asked(environment: dict[str, str]) -> None:
    port = free_port()
    with process("gateway.worker", port, **environment) as worker:
        until_it_answers(f"http://127.0.0.1:{port}/healthz")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_SECONDS_MAX) == 0


def test_the_api_stops_in_time_although_somebody_follows_the_stream(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process("gateway.app", port, **environment) as api:
        until_it_answers(f"{url}/healthz")
        headers = {"Authorization": f"Bearer {_token(url, tmp_path)}"}
        with httpx.stream("GET", f"{url}/v1/events/stream", headers=headers) as stream:
            assert stream.status_code == 200
            api.send_signal(signal.SIGTERM)
            api.wait(STOP_SECONDS_MAX)


def _token(url: str, data_dir: Path) -> str:
    secret = httpx.Response(200, content=(data_dir / "clients.json").read_bytes()).json()["auditor"]
    form = {"grant_type": "client_credentials", "client_id": "auditor", "client_secret": secret}
    token: str = httpx.post(f"{url}/oauth/token", data=form).json()["access_token"]
    return token
