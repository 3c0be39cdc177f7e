"""Loopback ports that no other stack on this machine will take.

Ports are drawn below the kernel's ephemeral range, so that an outgoing connection can never sit on a
port whose server is being restarted, and claimed machine-wide by an abstract socket that vanishes with
its process, so that two stacks starting at the same moment never draw the same one.
"""

from __future__ import annotations

import atexit
import errno
import random
import socket
import sys

LOOPBACK = "127.0.0.1"
FIRST_PORT, LAST_PORT = 15_000, 31_999
_draw = random.SystemRandom()
_claims: dict[int, socket.socket] = {}


def free_port() -> int:
    """A port nobody listens on and no other stack has claimed; ours until this process ends."""
    while True:
        port = _draw.randint(FIRST_PORT, LAST_PORT)
        if port not in _claims and _claim(port):
            return port


def refusal_to_bind(port: int) -> str | None:
    """Why a server could not listen on this port now, as the rest of a sentence about it; None when it could."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except PermissionError:
            return "needs more permission than you have"
        except OSError as error:
            return "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
    return None


def accepts_connections(port: int, host: str = LOOPBACK) -> bool:
    """Whether something answers on this port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


@atexit.register
def _give_back() -> None:
    """Close the claims in order, as a socket that is left to the collector is warned of."""
    for claim in _claims.values():
        claim.close()


def _claim(port: int) -> bool:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if sys.platform == "linux":
            claim.bind(f"\0openitem-port-{port}")
    except OSError:
        claim.close()
        return False
    if refusal_to_bind(port):
        claim.close()
        return False
    _claims[port] = claim
    return True
