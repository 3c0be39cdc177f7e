"""What the person at the keyboard may choose, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from openitem.local.errors import CannotStartError

DEFAULT_PORT = 8080
DEFAULT_DATA_DIR = ".openitem"


@dataclass(frozen=True)
class LocalSettings:
    """One local stack: where its data is, where it answers, and which servers it is given."""

    data_dir: Path
    port: int
    database_url: str | None
    amqp_url: str | None
    demo: bool

    @property
    def base_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        """Where each process writes its log."""
        return self.data_dir / "logs"

    @property
    def clients_file(self) -> Path:
        """The gateway's local clients and their secrets."""
        return self.data_dir / "clients.json"


def read_settings(environment: Mapping[str, str] = os.environ) -> LocalSettings:
    """The settings; raises CannotStartError where one of them makes no sense."""
    return LocalSettings(
        data_dir=Path(environment.get("OPENITEM_DATA_DIR") or DEFAULT_DATA_DIR).expanduser().resolve(),
        port=_port(environment.get("OPENITEM_PORT") or str(DEFAULT_PORT)),
        database_url=_url(environment, "OPENITEM_DATABASE_URL", ("postgresql", "postgres")),
        amqp_url=_url(environment, "OPENITEM_AMQP_URL", ("amqp", "amqps")),
        demo=_switch(environment.get("OPENITEM_DEMO") or "1"),
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStartError(f"OPENITEM_PORT is {text!r}; it must be a port number from 1 to 65535")
    return int(text)


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise CannotStartError(f"OPENITEM_DEMO is {text!r}; it must be 0 (start empty) or 1 (load the demo company)")
    return text == "1"


def _url(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    url = environment.get(name)
    if not url:
        return None
    if urlsplit(url).scheme not in schemes:
        raise CannotStartError(f"{name} must begin with {schemes[0]}://")
    return url
