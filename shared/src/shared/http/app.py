"""Builds the HTTP app of a service: problems, context, health, metrics, and its capabilities' routers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.types import ASGIApp

from shared import log as logs
from shared import memory
from shared.database import is_unreachable
from shared.http import problems
from shared.http.card_guard import CardNumberGuard
from shared.http.context import UPLOAD_BYTES_MAX, RequestContext
from shared.http.examples import complete_examples
from shared.http.protocol import BoundedHttpProtocol
from shared.security import TokenVerifier
from shared.settings import Settings
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str | None]]
"""Returns None where the part is usable, else what is wrong with it."""


async def database_check(units: Units) -> str | None:
    """Tell whether the service's database answers."""
    try:
        async with units.engine.connect() as connection:
            await connection.execute(text("select 1"))
    except Exception as error:
        if not is_unreachable(error):
            raise
        return "the database does not answer"
    return None


def health_router(checks: dict[str, Check]) -> APIRouter:
    """Return `/healthz`, `/readyz` (200 only when every check passes) and `/metrics`."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @router.get("/readyz", responses={503: {"description": "A part is not usable"}})
    async def readyz(response: Response) -> dict[str, Any]:
        """Every part that this process needs is usable."""
        found = {name: await check() for name, check in checks.items()}
        faults = {name: fault for name, fault in found.items() if fault}
        response.status_code = 503 if faults else 200
        return {"status": "unavailable" if faults else "ready", "faults": faults}

    @router.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


class _App(FastAPI):
    """FastAPI with the request's context around everything, its answers to faults included, and an edge of a service's own."""

    edge: Callable[[ASGIApp], ASGIApp] | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Return FastAPI's layers inside of ours."""
        layers = super().build_middleware_stack()
        guarded = CardNumberGuard(layers)
        return RequestContext(self.edge(guarded) if self.edge is not None else guarded)

    def openapi(self) -> dict[str, Any]:
        """Return FastAPI's document with whole examples."""
        known = self.openapi_schema
        document = super().openapi()
        if document is not known:
            complete_examples(document)
        return document


def build_app(
    settings: Settings,
    *,
    title: str,
    source: str,
    routers: Sequence[APIRouter],
    verifier: TokenVerifier | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    start: Callable[[FastAPI, AsyncExitStack], None] | None = None,
    edge: Callable[[ASGIApp], ASGIApp] | None = None,
) -> FastAPI:
    """Return the app of one service.

    `start` runs when the app does: it puts what the routes need on `app.state` and its closing on the stack, by what the
    state says of `settings` and of the `transport` to other services. `edge` is middleware that may answer a request before
    FastAPI sees it, with faults as well; what it takes itself, it has to guard from card numbers.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state = app.state
        state.units = state.connect(
            state.settings.database_url, source=source, pool_size=state.settings.database_pool_size
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(state.units.close)
            if start is not None:
                start(app, stack)
            yield

    app = _App(title=title, version="1", lifespan=lifespan, max_body_size=UPLOAD_BYTES_MAX)
    app.edge = edge
    app.state.settings = settings
    app.state.transport = transport
    app.state.connect = Units.connect
    app.state.verifier = verifier or TokenVerifier(
        jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.audience
    )
    problems.install(app)
    # Routes are tried one after the other: what is asked for most comes first.
    for router in (*routers, health_router({"database": lambda: database_check(app.state.units)})):
        app.include_router(router)
    return app


def serve(
    app: FastAPI, settings: Settings, *, service: str, protocol: type[BoundedHttpProtocol] = BoundedHttpProtocol
) -> None:
    """Run the app until SIGTERM; requests in flight get four seconds to end."""
    logs.configure(service, settings.log_level)
    memory.settle()
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=protocol,
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=4,
        timeout_keep_alive=75,
    )
