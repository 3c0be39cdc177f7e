"""`openitem run` from the outside: it starts, says what is in its way, keeps running what dies, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from openitem.local.ports import LOOPBACK, free_port
from openitem.local.rabbitmq import find_rabbitmq, prepare_rabbitmq
from openitem.local.roles import ROLES
from tests.support.stack import RUN, RunningStack, start_stack

# Twice what is promised, which the benchmark measures: here other tests' systems run beside this one.
SERVERS = {"postgres", "rabbitmq", "epmd"}


def refused(folder: Path, **environment: str) -> str:
    """Run where it cannot start; the one line it says, having checked that it is one."""
    settings = {"OPENITEM_DATA_DIR": str(folder), "OPENITEM_PORT": str(free_port()), "OPENITEM_DEMO": "0"}
    done = subprocess.run(
        RUN, env={**os.environ, **settings, **environment}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert processes_of(folder) == []
    return done.stderr


def processes_of(folder: Path) -> list[str]:
    """Every process that names this data folder in its arguments, folder or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            traces = [*process.cmdline(), process.cwd(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(folder) in trace for trace in traces):
            found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
    return found


def what_the_printed_lines_answer(stack: RunningStack) -> list[str]:
    """Do as the runner says is worth trying; the three answers."""
    runner_log = stack.folder / "runner.log"
    eventually(lambda: runner_log.read_text().rstrip().endswith("the data stays."))
    lines = [line for line in runner_log.read_text().splitlines() if line.startswith("  curl ")]
    return [
        subprocess.run(["sh", "-c", line], capture_output=True, check=True, text=True).stdout for line in lines[-3:]
    ]


def eventually(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken; stop what uses it or set OPENITEM_PORT" in refused(
            tmp_path, OPENITEM_PORT=str(port)
        )


def test_a_senseless_port_is_one_line(tmp_path: Path) -> None:
    assert "OPENITEM_PORT is 'eighty'" in refused(tmp_path, OPENITEM_PORT="eighty")


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot use the data folder" in refused(tmp_path / "file" / "data")


def test_an_unreachable_broker_is_one_line(tmp_path: Path) -> None:
    port = free_port()
    said = refused(tmp_path, OPENITEM_AMQP_URL=f"amqp://openitem:hidden@{LOOPBACK}:{port}/")
    assert f"no RabbitMQ at {LOOPBACK}:{port} (OPENITEM_AMQP_URL)" in said
    assert "hidden" not in said


def test_a_broker_that_refuses_the_password_is_one_line(tmp_path: Path, amqp_url: str) -> None:
    wrong = amqp_url.replace("amqp://openitem:", "amqp://openitem:wrong")
    said = refused(tmp_path, OPENITEM_AMQP_URL=wrong)
    assert "no RabbitMQ at" in said
    assert "ACCESS_REFUSED" in said


def test_an_unreachable_database_is_one_line(tmp_path: Path) -> None:
    port = free_port()
    said = refused(tmp_path, OPENITEM_DATABASE_URL=f"postgresql://openitem:hidden@{LOOPBACK}:{port}/postgres")
    assert f"PostgreSQL at {LOOPBACK}:{port} refused" in said
    assert "hidden" not in said


def test_a_database_that_refuses_the_password_is_one_line(tmp_path: Path, postgres_url: str) -> None:
    said = refused(tmp_path, OPENITEM_DATABASE_URL=postgres_url.replace("://postgres:", "://postgres:wrong"))
    assert "password authentication failed" in said


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stack_stopped_while_it_starts_leaves_nothing(tmp_path: Path, stop_signal: signal.Signals) -> None:
    stack = start_stack(tmp_path)
    eventually(lambda: (tmp_path / "stack.json").exists())
    stack.runner.send_signal(stop_signal)
    assert stack.runner.wait(30) == 0
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("booted", [True, False])
def test_only_a_broker_that_once_booted_keeps_its_data(tmp_path: Path, booted: bool) -> None:
    script = find_rabbitmq()
    assert script is not None
    first = prepare_rabbitmq(tmp_path, tmp_path / "log", script)
    (first.folder / "data").mkdir()
    if booted:
        first.note_first_boot()
    again = prepare_rabbitmq(tmp_path, tmp_path / "log", script)
    assert (again.folder / "data").exists() is booted
    assert again.password == first.password


@pytest.mark.stack
def test_every_process_runs_and_the_gateway_is_ready(stack: RunningStack) -> None:
    assert set(stack.pids) == {role.name for role in ROLES} | SERVERS
    assert all(psutil.pid_exists(pid) for pid in stack.pids.values())
    assert stack.is_ready()


@pytest.mark.stack
def test_secrets_are_for_their_owner_only(stack: RunningStack) -> None:
    files = [stack.folder / name for name in ("stack.json", "clients.json", "postgres.password", "rabbitmq.password")]
    assert [file.stat().st_mode & 0o077 for file in files] == [0, 0, 0, 0]


@pytest.mark.stack
def test_a_folder_in_use_is_one_line(stack: RunningStack) -> None:
    settings = {"OPENITEM_DATA_DIR": str(stack.folder), "OPENITEM_PORT": str(free_port())}
    done = subprocess.run(RUN, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"openitem: the data folder {stack.folder} is in use by another stack")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.stack
def test_the_token_command_prints_a_token_and_nothing_else(stack: RunningStack) -> None:
    port = stack.base_url.rsplit(":")[-1]
    settings = {"OPENITEM_DATA_DIR": str(stack.folder), "OPENITEM_PORT": port}
    done = subprocess.run(
        [sys.executable, "-m", "openitem.main", "token", "erp"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(".") == 2
    assert len(done.stdout.split()) == 1


@pytest.mark.stack
@pytest.mark.parametrize("name", ["credit-api", "gateway-worker"])
def test_a_killed_process_comes_back(stack: RunningStack, name: str) -> None:
    killed = stack.kill(name)
    eventually(lambda: stack.pids[name] != killed)
    stack.wait_until_ready(30)


@pytest.mark.stack
def test_a_second_stack_beside_the_first_survives_its_killed_runner_and_leaves_nothing(
    stack: RunningStack, tmp_path: Path
) -> None:
    second = start_stack(tmp_path)
    second.wait_until_ready()
    assert stack.is_ready()
    secrets = second.clients
    second.runner.kill()
    second.runner.wait()
    eventually(lambda: processes_of(tmp_path) == [])

    again = start_stack(tmp_path)
    again.wait_until_ready()
    assert again.clients == secrets
    assert json.loads(what_the_printed_lines_answer(again)[-1])["decision"] == "approved"
    assert again.stop() == 0
    assert processes_of(tmp_path) == []
    assert stack.is_ready()
