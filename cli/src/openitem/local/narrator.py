"""What the runner tells the person at the keyboard: one line per finished step, and what it is doing now."""

from __future__ import annotations

import time
from contextlib import suppress

from rich.console import Console
from rich.status import Status


class Narrator:
    """Progress on standard output, troubles on standard error."""

    def __init__(self) -> None:
        """Start the clock that times the steps."""
        self.console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._started_at = time.monotonic()
        self._status: Status | None = None

    @property
    def elapsed_seconds(self) -> float:
        """Time since the runner began."""
        return time.monotonic() - self._started_at

    def doing(self, what: str) -> None:
        """Show what takes time now; a moving line on a terminal, a plain one in a log."""
        if not self.console.is_terminal:
            self.console.print(f"… {what}", markup=False)
            return
        if self._status is None:
            self._status = self.console.status(what)
            self._status.start()
        self._status.update(what)

    def done(self, what: str) -> None:
        """A step is finished."""
        self.console.print(f"[green]✓[/] {what} [dim]({self.elapsed_seconds:.1f} s)[/]")

    def say(self, what: str) -> None:
        """A plain line."""
        self.console.print(what, markup=False)

    def warn(self, what: str) -> None:
        """Something the user should know, on standard error."""
        self._errors.print(f"openitem: {what}", markup=False)

    def quiet(self) -> None:
        """Take the moving line away."""
        if self._status is not None:
            with suppress(RuntimeError):
                self._status.stop()
            self._status = None
