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
from tests.support.connections import connect
from tests.support.console import Copy
from tests.support.servers import create_database

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


_copies: dict[str, list[Copy]] = {}
"""Copies of each template that no test uses at the moment."""


@contextmanager
def copied_database(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database as `template` is, this test's alone: what it commits is taken back for the next one."""
    free = _copies.setdefault(template, [])
    if free:
        copy = free.pop()
        copy.restore()
    else:
        copy = Copy(create_database(server_url, f"test_{uuid4().hex[:12]}", template=template))
    yield copy.url
    free.append(copy)


def settings_for(database_url: str, settings: type[Settings] = Settings) -> Any:
    """Return local settings on `database_url`."""
    return settings(profile="local", database_url=database_url)


_apps: dict[Callable[..., FastAPI], list[FastAPI]] = {}
"""Apps of each service that no test uses at the moment."""


def _away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody is there", request=request)


@contextmanager
def app_of(
    create_app: Callable[..., FastAPI], settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> Iterator[FastAPI]:
    """Yield an app of a service with these settings, this test's alone until its end.

    It may have run before: making the routes takes longer than most tests do. Without a `transport` it reaches nobody.
    """
    free = _apps.setdefault(create_app, [])
    app = free.pop() if free else create_app(settings, verifier=verifier())
    app.state.settings = settings
    app.state.transport = transport or httpx.MockTransport(_away)
    yield app
    free.append(app)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Run `app` with its lifespan and yield a client; faults come back as answers, as they would over a socket."""
    app.state.connect = connect
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client
