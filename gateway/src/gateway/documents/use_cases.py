"""Gathers the services' documents and keeps the merged one for a while."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from gateway.client import Upstreams
from gateway.documents.domain import SECURITY_SCHEME, merged, secured
from gateway.upstreams import ROUTES, SERVICES
from shared.errors import OpenItemError
from shared.security import ROLE_SCOPES

KEPT_SECONDS = 60.0
KEPT_INCOMPLETE_SECONDS = 2.0
ABOUT = (
    "The receivables back office as an API: credit limits and order holds, cash application, disputes and collections, "
    "for companies that sell on account. Events: /asyncapi.json. "
    "Every POST accepts `Idempotency-Key`; refusals are RFC 9457 problem documents."
)


class ApiDocument:
    """The one OpenAPI document. A service that is down is described as it was last seen."""

    def __init__(self, app: FastAPI, upstreams: Upstreams, *, local: bool) -> None:
        self._app = app
        self._upstreams = upstreams
        self._local = local
        self._seen: dict[str, dict[str, Any]] = {}
        self._document: dict[str, Any] = {}
        self._good_until = float("-inf")
        self._lock = asyncio.Lock()

    async def current(self) -> dict[str, Any]:
        """Return the document, gathered anew where it is no longer fresh."""
        async with self._lock:
            if time.monotonic() > self._good_until:
                await self._gather()
        return self._document

    async def _gather(self) -> None:
        answers = await asyncio.gather(*(self._ask(service) for service in SERVICES))
        self._seen |= {service: answer for service, answer in zip(SERVICES, answers, strict=True) if answer}
        self._document = merged(own_document(self._app, local=self._local), self._seen, ROUTES)
        kept = KEPT_SECONDS if all(answers) else KEPT_INCOMPLETE_SECONDS
        self._good_until = time.monotonic() + kept

    async def _ask(self, service: str) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = await self._upstreams.get_json(service, "/openapi.json")
        except OpenItemError:
            return None
        return answer


def own_document(app: FastAPI, *, local: bool) -> dict[str, Any]:
    """Return the description of what the gateway answers by itself, with how to get a token."""
    document = app.openapi()
    document["info"] = {"title": "OpenItem", "version": "1", "description": ABOUT, "license": {"name": "Apache-2.0"}}
    document.setdefault("components", {})["securitySchemes"] = {SECURITY_SCHEME: _security_scheme(local=local)}
    scopes = scopes_of(app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path.startswith("/v1/"):
                item[method] = secured(operation, scopes.get((method.upper(), path)))
    return document


def scopes_of(app: FastAPI) -> dict[tuple[str, str], str | None]:
    """Return the scope that each operation of an app asks for by `requires(…)`, None where it asks for none."""
    return {
        (method, context.path or ""): _scope_of(context.dependant)
        for context in iter_route_contexts(app.routes)
        if hasattr(context, "dependant")
        for method in context.methods or ()
    }


def _scope_of(dependant: Any) -> str | None:
    own: Callable[..., Any] | None = dependant.call
    found: str | None = getattr(own, "scope", None)
    return found or next((scope for inner in dependant.dependencies if (scope := _scope_of(inner))), None)


def _security_scheme(*, local: bool) -> dict[str, Any]:
    if not local:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    scopes = {scope: f"Roles: {', '.join(_roles_with(scope))}" for scope in sorted(ROLE_SCOPES["admin"])}
    return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}}


def _roles_with(scope: str) -> list[str]:
    return [role for role, scopes in ROLE_SCOPES.items() if scope in scopes]
