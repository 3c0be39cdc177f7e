"""Every process of OpenItem: which module it runs, which database it owns, where its log goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class Part:
    """A service or the gateway: two roles over one code base, and a database of its own."""

    name: str
    package: str
    folder: str

    @property
    def database(self) -> str:
        """The name of its own database."""
        return f"openitem_{self.name}"

    @property
    def migrations(self) -> Path:
        """Its Alembic folder."""
        return ROOT / self.folder / "migrations"


@dataclass(frozen=True)
class Role:
    """One process: a part as `api` or as `worker`."""

    part: Part
    kind: str

    @property
    def name(self) -> str:
        """The process's name, as in `credit-worker`."""
        return f"{self.part.name}-{self.kind}"

    @property
    def module(self) -> str:
        """What `python -m shared.launch` runs."""
        return f"{self.part.package}.{'app' if self.kind == 'api' else 'worker'}"


SERVICES = tuple(
    Part(name=name, package=f"{name}_service", folder=f"services/{name}-service")
    for name in ("credit", "cashapp", "dispute", "collections")
)
GATEWAY = Part(name="gateway", package="gateway", folder="gateway")
PARTS = (*SERVICES, GATEWAY)
ROLES = tuple(Role(part, kind) for kind in ("api", "worker") for part in PARTS)
