"""What dies is started again; what is told to stop stops; what ignores that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from openitem.local.errors import CannotStartError
from openitem.local.processes import Command, Process
from openitem.local.supervisor import Supervisor, describe_exit

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


class Watched:
    """A supervisor that is watching, and what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.changes = 0
        self.supervisor = Supervisor(self.said.append, self._changed)

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    watched = Watched()
    watching = asyncio.create_task(watched.supervisor.watch())
    yield watched
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    watched.supervisor.kill_all()


def command(folder: Path, *argv: str, stop_seconds: float = 5.0) -> Command:
    return Command(name="child", argv=argv, log=folder / "child.log", env=dict(os.environ), stop_seconds=stop_seconds)


async def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.02)


async def test_a_killed_process_is_started_again(tmp_path: Path, watched: Watched) -> None:
    watched.supervisor.start(command(tmp_path, "sleep", "60"))
    first = watched.supervisor.pids["child"]
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: watched.supervisor.pids["child"] != first)
    assert watched.said == ["child ended (killed by SIGKILL); starting it again in 0.2 s"]
    assert watched.changes == 2


async def test_each_death_in_a_row_makes_the_pause_longer(tmp_path: Path, watched: Watched) -> None:
    watched.supervisor.start(command(tmp_path, "false"))
    await eventually(lambda: len(watched.said) >= 3)
    assert [said.rsplit(" in ")[1] for said in watched.said[:3]] == ["0.2 s", "0.4 s", "0.8 s"]


async def test_a_process_that_keeps_dying_is_hopeless_and_its_log_says_why(tmp_path: Path, watched: Watched) -> None:
    watched.supervisor.start(command(tmp_path, sys.executable, "-c", "raise SystemExit('no license')"))
    watched.supervisor.refuse_hopeless()
    await eventually(lambda: len(watched.said) >= 5, seconds=60)
    with pytest.raises(CannotStartError, match=r"child keeps ending: no license \(see .*child.log\)"):
        watched.supervisor.refuse_hopeless()


async def test_a_process_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(print, lambda: None)
    supervisor.start(command(tmp_path, sys.executable, "-c", STUBBORN, stop_seconds=0.3))
    pid = supervisor.pids["child"]
    await eventually(lambda: "up" in (tmp_path / "child.log").read_text())
    await supervisor.stop(["child"])
    assert supervisor.pids == {}
    assert not is_running(pid)


async def test_a_stopped_process_leaves_no_child_of_its_own(tmp_path: Path) -> None:
    process = Process(command(tmp_path, "sh", "-c", "sleep 601 & echo $!; wait"))
    await eventually(lambda: (tmp_path / "child.log").read_text().strip().isdecimal())
    grandchild = int((tmp_path / "child.log").read_text())
    process.stop()
    await eventually(lambda: not is_running(grandchild))


def test_a_child_does_not_outlive_a_killed_runner(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from openitem.local.processes import Command, Process\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "print(Process(Command('child', ('sleep', '600'), folder / 'log', dict(os.environ))).pid, flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        child = int(runner.stdout.readline())
        assert is_running(child)
        runner.kill()
    deadline = time.monotonic() + 60.0
    while is_running(child):
        assert time.monotonic() < deadline, "it outlived its runner"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_exit_is_said_in_words() -> None:
    assert describe_exit(-9) == "killed by SIGKILL"
    assert describe_exit(3) == "exit code 3"
