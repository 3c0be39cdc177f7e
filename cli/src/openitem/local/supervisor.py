"""Keeps a set of child processes running: what dies is started again, a little later each time."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from openitem.local.errors import CannotStartError
from openitem.local.processes import Command, Process, last_words

WATCH_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
SETTLED_SECONDS = 10.0
HOPELESS_DEATHS = 5


@dataclass
class _Supervised:
    process: Process
    deaths_in_a_row: int = 0
    restart_at: float | None = None


class Supervisor:
    """The children of one stack."""

    def __init__(self, say: Callable[[str], None], on_change: Callable[[], None]) -> None:
        """`say` tells the user of deaths; `on_change` is called whenever a process id is new."""
        self._say = say
        self._on_change = on_change
        self._children: dict[str, _Supervised] = {}

    def start(self, command: Command) -> None:
        """Start a process that is to be kept running."""
        self._children[command.name] = _Supervised(Process(command))
        self._on_change()

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each child by its name."""
        return {name: child.process.pid for name, child in self._children.items()}

    async def watch(self) -> None:
        """Restart what dies, for ever."""
        while True:
            for child in self._children.values():
                self._look_after(child)
            await asyncio.sleep(WATCH_SECONDS)

    def refuse_hopeless(self) -> None:
        """Raise CannotStartError for a process that dies again and again."""
        for name, child in self._children.items():
            if child.deaths_in_a_row >= HOPELESS_DEATHS:
                log = child.process.command.log
                raise CannotStartError(f"{name} keeps ending: {last_words(log, lines=1)} (see {log})")

    async def stop(self, names: Iterable[str]) -> None:
        """Ask these to stop, all at once; insist when their time is up. Not to be used while watching."""
        leaving = [child.process for name in names if (child := self._children.get(name))]
        for process in leaving:
            process.ask_to_stop()
        started = time.monotonic()
        for process in leaving:
            remaining = process.command.stop_seconds - (time.monotonic() - started)
            await asyncio.to_thread(process.wait, remaining)
            process.kill()
            del self._children[process.name]

    def kill(self, name: str) -> None:
        """End this one now, where it runs."""
        child = self._children.pop(name, None)
        if child is not None:
            child.process.kill()

    def kill_all(self) -> None:
        """End everything now."""
        for child in self._children.values():
            child.process.kill()
        self._children.clear()

    def _look_after(self, child: _Supervised) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.process = Process(child.process.command)
                child.restart_at = None
                self._on_change()
        elif (code := child.process.exit_code) is not None:
            settled = now - child.process.started_at > SETTLED_SECONDS
            child.deaths_in_a_row = 1 if settled else child.deaths_in_a_row + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (child.deaths_in_a_row - 1), LONGEST_PAUSE_SECONDS)
            child.restart_at = now + pause
            child.process.kill()
            self._say(f"{child.process.name} ended ({describe_exit(code)}); starting it again in {pause:.1f} s")


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
