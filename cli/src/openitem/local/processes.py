"""Child processes that never outlive their runner.

A child is started through `setpriv --pdeathsig`, so the kernel ends it even when the runner is killed
with SIGKILL, and it inherits the data folder's lock, so the folder counts as in use until the last of
them is gone. Everything is started from the main thread: the kernel watches the starting thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openitem.local.accounts import Account
from openitem.local.errors import CannotStartError


@dataclass(frozen=True)
class Command:
    """How one child is started and stopped."""

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 6.0
    death_signal: str = "KILL"
    inherited_fds: tuple[int, ...] = ()


class Process:
    """One running child."""

    def __init__(self, command: Command) -> None:
        """Start it; its output is appended to the command's log."""
        self.command = command
        command.log.parent.mkdir(parents=True, exist_ok=True)
        with command.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [*_death_with_parent(command.death_signal), *command.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(command.env),
                cwd=command.folder,
                start_new_session=True,
                pass_fds=command.inherited_fds,
                **_identity(command.account),
            )
        self.started_at = time.monotonic()

    @property
    def name(self) -> str:
        """The command's name."""
        return self.command.name

    @property
    def pid(self) -> int:
        """The child's process id, which is also its process group's."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._popen.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, not longer than this; how it ended, None when it did not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0.0))
        return self.exit_code

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self.exit_code is None:
            self._popen.send_signal(self.command.stop_signal)

    def stop(self) -> None:
        """Ask it to stop, insist after `stop_seconds`, and leave nothing of its process group behind."""
        self.ask_to_stop()
        self.wait(self.command.stop_seconds)
        self.kill()

    def kill(self) -> None:
        """End it and its process group now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def run_as(command: list[str], account: Account | None, *, folder: Path, refusal: str) -> None:
    """Run a short command to its end as another user; raises CannotStartError, opening with `refusal`."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)},
        **_identity(account),
    )
    if done.returncode != 0:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotStartError(f"{refusal}: {' '.join(reason)}")


def last_words(log: Path, *, lines: int = 3) -> str:
    """The end of a log as one line, for a message that must not be longer."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return "no log"
    return " / ".join(line.strip() for line in text.strip().splitlines()[-lines:]) or "empty log"


def _death_with_parent(death_signal: str) -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    # A runner killed before the kernel knew of its child's wish is seen by the child: it has another parent.
    still_ours = ["/bin/sh", "-c", 'test "$PPID" = "$0" && exec "$@"', str(os.getpid())]
    return [setpriv, "--pdeathsig", death_signal, "--", *still_ours]


def _identity(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}
