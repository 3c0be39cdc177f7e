"""RabbitMQ, found on this machine or installed from the system's packages where that is permitted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openitem.local.errors import CannotStartError
from openitem.local.rabbitmq import find_rabbitmq

PACKAGE = "rabbitmq-server"
POLICY = Path("/usr/sbin/policy-rc.d")


def ensure_rabbitmq(
    say: Callable[[str], None],
    *,
    find: Callable[[], Path | None] = find_rabbitmq,
    is_root: bool | None = None,
) -> Path:
    """The start script of RabbitMQ, installing the package first when we are root on a Debian system.

    Raises CannotStartError with the one command to run where we may not install.
    """
    script = find()
    if script is not None:
        return script
    is_root = os.geteuid() == 0 if is_root is None else is_root
    if not is_root or shutil.which("apt-get") is None:
        raise CannotStartError(
            f"RabbitMQ is not installed and OPENITEM_AMQP_URL is not set; install it with: {install_command()}"
        )
    _apt_install(say)
    script = find()
    if script is None:
        raise CannotStartError(f"{PACKAGE} was installed, but its start script is nowhere to be found")
    return script


def install_command() -> str:
    """The one command that installs RabbitMQ on this kind of system."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install -y --no-install-recommends {PACKAGE}"
    if shutil.which("dnf"):
        return f"sudo dnf install -y {PACKAGE}"
    if shutil.which("brew"):
        return "brew install rabbitmq"
    return f"your system's package manager (package {PACKAGE})"


def _apt_install(say: Callable[[str], None]) -> None:
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", PACKAGE]
    with _no_service_started():
        if _apt(install, say) == 0:
            return
        # A fresh image has no package lists, or stale ones.
        _apt(["apt-get", "update", "-q"], say)
        if _apt(install, say) != 0:
            raise CannotStartError(f"could not install {PACKAGE}; see why with: {' '.join(install)}")


def _apt(command: list[str], say: Callable[[str], None]) -> int:
    """Run one apt-get command, repeating its lines to the user as they come."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as apt:
        assert apt.stdout is not None
        for line in apt.stdout:
            if line.strip():
                say(f"{' '.join(command[:2])}: {line.strip()}")
    return apt.returncode


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Keep the package from starting a broker of its own; ours is private and leaves nothing running."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
