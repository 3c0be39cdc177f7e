"""Who finds whom: the addresses of one stack, and from them each role's command and environment."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from openitem.local.databases import database_url
from openitem.local.ports import LOOPBACK, free_port
from openitem.local.processes import Command
from openitem.local.report_key import report_key
from openitem.local.roles import GATEWAY, PARTS, ROLES, SERVICES, Role
from openitem.local.settings import LocalSettings

BUREAU_VARIABLES = "OPENITEM_BUREAU_"
"""Access to credit bureaus, and their terms, are the user's to set; all else of a stack is its own."""
UNWANTED_VARIABLES = ("PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME")


@dataclass
class Wiring:
    """The addresses of one stack; the two servers' become known as they start."""

    settings: LocalSettings
    inherited_fds: tuple[int, ...]
    server_url: str = ""
    amqp_url: str = ""
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw the inner ports; the gateway's is chosen by the user."""
        self._ports = {role.name: free_port() for role in ROLES} | {"gateway-api": self.settings.port}

    def url(self, role: str) -> str:
        """The address of a role, named as in `credit-api`."""
        return f"http://{LOOPBACK}:{self._ports[role]}"

    def command(self, role: Role) -> Command:
        """How a role is started."""
        return Command(
            name=role.name,
            argv=(sys.executable, "-m", "shared.launch", role.module),
            log=self.settings.logs / f"{role.name}.log",
            env={**inherited_environment(), **self._environment(role)},
            inherited_fds=self.inherited_fds,
        )

    def describe(self, pids: dict[str, int]) -> dict[str, object]:
        """What runs where, for tools and tests."""
        return {
            "runner_pid": os.getpid(),
            "base_url": self.settings.base_url,
            "clients_file": str(self.settings.clients_file),
            "amqp_url": self.amqp_url,
            "server_url": self.server_url,
            "database_urls": {part.name: database_url(self.server_url, part) for part in PARTS},
            "urls": {role.name: self.url(role.name) for role in ROLES},
            "pids": pids,
        }

    def _environment(self, role: Role) -> dict[str, str]:
        environment = {
            "OPENITEM_PROFILE": "local",
            "OPENITEM_DATABASE_URL": database_url(self.server_url, role.part),
            "OPENITEM_AMQP_URL": self.amqp_url,
            "OPENITEM_HTTP_HOST": LOOPBACK,
            "OPENITEM_HTTP_PORT": str(self._ports[role.name]),
            "OPENITEM_JWKS_URL": f"{self.settings.base_url}/.well-known/jwks.json",
            "OPENITEM_LOG_LEVEL": os.environ.get("OPENITEM_LOG_LEVEL", "INFO"),
        }
        for service in SERVICES:
            environment[f"OPENITEM_{service.name.upper()}_URL"] = self.url(f"{service.name}-api")
        if role.part.name == "credit":
            environment["OPENITEM_REPORT_KEY"] = report_key(self.settings.data_dir)
            environment |= {name: value for name, value in os.environ.items() if name.startswith(BUREAU_VARIABLES)}
        if role.name == "credit-worker":
            # It compares its exposures with the owner of the items, as a client that only reads.
            environment["OPENITEM_OIDC_TOKEN_URL"] = f"{self.settings.base_url}/oauth/token"
            environment["OPENITEM_OIDC_CLIENT_ID"] = "auditor"
            environment["OPENITEM_CLIENTS_FILE"] = str(self.settings.clients_file)
        if role.part is GATEWAY:
            environment["OPENITEM_DATA_DIR"] = str(self.settings.data_dir)
            # The gateway is ready when all are, workers too: they know the state of the broker.
            others = [name for other in ROLES if (name := other.name) != "gateway-api"]
            environment["OPENITEM_READY_URLS"] = ",".join(f"{self.url(name)}/readyz" for name in others)
        return environment


def inherited_environment() -> dict[str, str]:
    """Our own environment without what would change a role: its settings come from the stack alone."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OPENITEM_") and name not in UNWANTED_VARIABLES
    }
    return {**own, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def write_state(file: Path, state: dict[str, object]) -> None:
    """Replace the state file at once; it holds passwords, so it is for its owner only."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(state, indent=2))
    unfinished.replace(file)
