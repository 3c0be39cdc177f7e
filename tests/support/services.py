"""One service under test: its app on a migrated database of its own, called over HTTP by a chosen role."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from jwt.algorithms import ECAlgorithm
from shared.migrate import upgrade
from shared.security import ALGORITHM, ROLE_SCOPES, TokenVerifier
from shared.settings import Settings

from tests.support.servers import create_database, drop_database

REPOSITORY = Path(__file__).resolve().parents[2]


@cache
def signing_key() -> ec.EllipticCurvePrivateKey:
    """Return the key that signs this run's tokens."""
    return ec.generate_private_key(ec.SECP256R1())


def verifier() -> TokenVerifier:
    """Return a verifier that knows this run's key, without a gateway to ask."""
    jwk = ECAlgorithm.to_jwk(signing_key().public_key(), as_dict=True) | {"kid": "test"}
    keys = jwt.PyJWKSet.from_dict({"keys": [jwk]})
    return TokenVerifier(jwks_url="http://127.0.0.1:9/", issuer="openitem", audience="openitem", keys=keys)


def token(role: str, subject: str | None = None, **claims: Any) -> str:
    """Return a token of `role` for `subject` (the role's name where none is given)."""
    content = {
        "iss": "openitem",
        "aud": "openitem",
        "sub": subject or role,
        "exp": 4102444800,
        "roles": [role],
        "scope": " ".join(sorted(ROLE_SCOPES[role])),
    }
    return jwt.encode(content | claims, signing_key(), algorithm=ALGORITHM, headers={"kid": "test"})


def bearer(role: str, subject: str | None = None) -> dict[str, str]:
    """Return the header that makes a request one of `role`."""
    return {"Authorization": f"Bearer {token(role, subject)}"}


def migrated_template(make_database: Callable[[str], str], migrations: str) -> str:
    """Return the name of a new database migrated with `migrations` (a folder of the repository), to copy per test."""
    url = make_database("template")
    upgrade(REPOSITORY / migrations, url)
    return url.rsplit("/", 1)[1]


@contextmanager
def copied_database(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a copy of `template` that lives as long as the block: each test commits to its own."""
    name = f"test_{uuid4().hex[:12]}"
    yield create_database(server_url, name, template=template)
    drop_database(server_url, name)


def settings_for(database_url: str, settings: type[Settings] = Settings) -> Any:
    """Return local settings on `database_url`."""
    return settings(profile="local", database_url=database_url)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Run `app` with its lifespan and yield a client; faults come back as answers, as they would over a socket."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client
