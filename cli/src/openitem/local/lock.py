"""One stack per data folder.

The lock is a flock on a descriptor that every child inherits, so the folder stays in use until the last
child of a killed runner is gone: a server's data is never opened by two servers.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import psutil

from openitem.local.errors import CannotStartError

FINISHING_SECONDS = 20.0


def lock_data_folder(folder: Path) -> int:
    """Make the folder and take its lock; the descriptor to hand to children. Held until this process ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStartError(
            f"cannot use the data folder {folder}: {error.strerror}; set OPENITEM_DATA_DIR to one you own"
        ) from error
    deadline = time.monotonic() + FINISHING_SECONDS
    while not _try(descriptor):
        owner = _owner(descriptor)
        if owner is not None or time.monotonic() > deadline:
            os.close(descriptor)
            raise CannotStartError(
                f"the data folder {folder} is in use by another stack{f' (pid {owner})' if owner else ''}; "
                "stop that one or set OPENITEM_DATA_DIR and OPENITEM_PORT"
            )
        time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(descriptor: int) -> int | None:
    """The runner that holds the lock; None when it is gone and only its children are still finishing."""
    text = os.pread(descriptor, 20, 0).decode()
    return int(text) if text.isdecimal() and psutil.pid_exists(int(text)) else None
