"""One stack per data folder, until the last process of the former one is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from openitem.local.errors import CannotStartError
from openitem.local.lock import lock_data_folder

HOLDER = """
import subprocess, sys, time
from pathlib import Path
from openitem.local.lock import lock_data_folder
descriptor = lock_data_folder(Path(sys.argv[1]))
child = subprocess.Popen(["sleep", sys.argv[2]], pass_fds=(descriptor,))
print(child.pid, flush=True)
time.sleep(60)
"""


def hold(folder: Path, child_seconds: str) -> tuple[subprocess.Popen[str], int]:
    """A process that holds the lock, with a child that outlives it for a while."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), child_seconds], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process, child = hold(tmp_path, "1.5")
    yield process
    process.kill()
    process.communicate()
    if Path(f"/proc/{child}").exists():
        os.kill(child, signal.SIGKILL)


def test_a_folder_in_use_is_refused_with_the_owner(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(CannotStartError, match=rf"in use by another stack \(pid {holder.pid}\)"):
        lock_data_folder(tmp_path)


def test_after_a_killed_runner_its_last_child_is_waited_for(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    started = time.monotonic()
    os.close(lock_data_folder(tmp_path))
    assert time.monotonic() - started > 0.5


def test_a_folder_nobody_uses_is_made_and_locked(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    os.close(lock_data_folder(folder))
    assert folder.is_dir()


def test_a_file_in_the_folders_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStartError, match="cannot use the data folder"):
        lock_data_folder(tmp_path / "file")
