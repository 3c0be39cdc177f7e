"""The local profile's clients: one per role, and a second manager and controller so that four eyes can be tried."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.access.files import read_or_make
from shared.security import ROLE_SCOPES

SECOND = "_2"
CLIENT_IDS = (*ROLE_SCOPES, f"credit_manager{SECOND}", f"controller{SECOND}")
_NOBODY = secrets.token_urlsafe(32)
"""What an unknown client's secret is compared with, so that the answer takes as long as for a known one."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Client ids with their secrets."""

    secrets_by_id: Mapping[str, str]

    @classmethod
    def kept_in(cls, folder: Path) -> "Clients":
        """Return the clients of this data folder, made with random secrets at the first call."""
        return cls(
            read_or_make(folder / "clients.json", lambda: {name: secrets.token_urlsafe(32) for name in CLIENT_IDS})
        )

    def role_of(self, client_id: str, secret: str) -> str | None:
        """Return the role of a client that proved itself by its secret, None for any other."""
        kept = self.secrets_by_id.get(client_id, _NOBODY)
        proved = hmac.compare_digest(kept.encode(), secret.encode())
        role = client_id.removesuffix(SECOND)
        return role if proved and client_id in self.secrets_by_id and role in ROLE_SCOPES else None
