"""System users for servers whose runner is root: PostgreSQL refuses root, RabbitMQ should not have it."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from openitem.local.errors import CannotStartError


@dataclass(frozen=True)
class Account:
    """A system user a child process is started as."""

    name: str
    uid: int
    gid: int


def account_for(name: str) -> Account | None:
    """The account to start a server as: None (the user who runs us) unless we are root; made when absent."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = _create(name)
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def hand_over(folder: Path, account: Account | None) -> None:
    """Make `folder` with all in it private to `account`."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is None:
        return
    if folder.stat().st_uid != account.uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def make_reachable(folder: Path) -> list[Path]:
    """Let other users pass through `folder` and its parents, not list them; the folders that were changed."""
    changed = []
    for step in (folder.resolve(), *folder.resolve().parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            changed.append(step)
    return changed


def _create(name: str) -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip()
        raise CannotStartError(f"cannot create the system user {name}: {reason}") from error
    return pwd.getpwnam(name)
