"""The api role: the gateway over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import jwt
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.exceptions import HTTPException

from gateway.access.clients import Clients
from gateway.access.routes import router as access
from gateway.access.signing import SigningKey, TokenMint
from gateway.client import Upstreams
from gateway.days.routes import router as days
from gateway.documents.routes import router as documents
from gateway.documents.use_cases import ApiDocument
from gateway.event_log.routes import router as event_log
from gateway.event_log.tail import Tail
from gateway.limits import TOO_FAST, RateLimiter, too_fast_headers
from gateway.overview.routes import router as overview
from gateway.proxy import Proxy
from gateway.readiness import others_check
from gateway.routing import RouteTable
from gateway.settings import GatewaySettings
from gateway.upstreams import ROUTES, UpstreamRoute
from shared.http import problems
from shared.http.app import database_check, health_router, serve
from shared.http.card_guard import CardNumberGuard
from shared.http.context import BODY_BYTES_MAX, RequestContext
from shared.http.edge import Authenticated
from shared.http.jobs import jobs_router
from shared.http.protocol import JoiningHttpProtocol
from shared.security import TokenVerifier
from shared.unit_of_work import Units


def create_app(settings: GatewaySettings, *, routes: Sequence[UpstreamRoute] = ROUTES) -> FastAPI:
    """Return the app: the proxy in front, behind it what the gateway answers by itself."""
    upstreams = Upstreams(settings.upstreams, silence_seconds=settings.upstream_timeout_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(app.state.units.close)
            await stack.enter_async_context(upstreams)
            yield

    app = FastAPI(title="OpenItem", version="1", lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    _provide(app, settings, upstreams)
    app.add_middleware(CardNumberGuard)  # innermost: what is passed on is looked at where it arrives
    app.add_middleware(
        Proxy,
        table=RouteTable(routes),
        upstreams=upstreams,
        verifier=app.state.verifier,
        limiter=app.state.limiter,
    )
    app.add_middleware(RequestContext)
    problems.install(app)
    _include(app, settings)
    return app


def _provide(app: FastAPI, settings: GatewaySettings, upstreams: Upstreams) -> None:
    """Put what the routes need on the app's state."""
    local = settings.profile == "local"
    key = SigningKey.kept_in(settings.data_dir) if local else None
    state = app.state
    state.settings = settings
    state.upstreams = upstreams
    state.units = Units.connect(settings.database_url, source="gateway", pool_size=settings.database_pool_size)
    state.signing_key = key
    state.mint = TokenMint(key, settings.issuer, settings.audience) if key else None
    state.clients = Clients.kept_in(settings.data_dir) if local else None
    state.verifier = TokenVerifier(
        jwks_url=settings.jwks_url,
        issuer=settings.issuer,
        audience=settings.audience,
        keys=jwt.PyJWKSet.from_dict(key.key_set()) if key else None,
    )
    state.limiter = RateLimiter(settings.requests_per_second)
    state.tail = Tail(state.units)
    state.api_document = ApiDocument(app, upstreams, local=local)


async def _at_a_bearable_pace(request: Request, caller: Authenticated) -> None:
    limiter: RateLimiter = request.app.state.limiter
    wait = limiter.seconds_to_wait(caller.subject)
    if wait:
        raise HTTPException(429, TOO_FAST, headers=too_fast_headers(wait))


def _include(app: FastAPI, settings: GatewaySettings) -> None:
    checks = {
        "database": lambda: database_check(app.state.units),
        "services": others_check(settings.readiness_addresses),
    }
    open_to_all: list[APIRouter] = [health_router(checks), access, documents]
    for router in open_to_all:
        app.include_router(router, max_body_size=BODY_BYTES_MAX)
    for router in (days, event_log, overview, jobs_router()):
        app.include_router(router, max_body_size=BODY_BYTES_MAX, dependencies=[Depends(_at_a_bearable_pace)])


def main() -> None:
    """Run the api role."""
    settings = GatewaySettings()
    serve(create_app(settings), settings, service="gateway", protocol=JoiningHttpProtocol)


if __name__ == "__main__":
    main()
