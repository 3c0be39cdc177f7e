"""Passes requests on to the services: authorised at the edge, streamed in both directions, pooled.

The one thing to know: this is plain ASGI in front of the gateway's own FastAPI app, because the credit check goes through it
and FastAPI's machinery would cost more than the passing on. What is not in the table of routes is the app's to answer.
"""

import structlog
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.client import Upstreams
from gateway.limits import RateLimiter, too_fast
from gateway.passage import Passage
from gateway.routing import OtherMethods, RouteTable, is_plain
from gateway.upstreams import UpstreamRoute
from shared.errors import OpenItemError
from shared.http.problems import problem_of, problem_response
from shared.security import TokenVerifier

log = structlog.get_logger(__name__)


class Proxy:
    """ASGI middleware that answers for the services and leaves the rest to `app`."""

    def __init__(
        self, app: ASGIApp, *, table: RouteTable, upstreams: Upstreams, verifier: TokenVerifier, limiter: RateLimiter
    ) -> None:
        self._app = app
        self._table = table
        self._upstreams = upstreams
        self._verifier = verifier
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["raw_path"].decode("latin-1")
        if not is_plain(path):
            await _path_refused()(scope, receive, send)
            return
        route = self._table.find(scope["method"], path)
        if route is None:
            await self._app(scope, receive, send)
            return
        refusal = _method_refused(route) if isinstance(route, OtherMethods) else await self._refusal(scope, route)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        assert isinstance(route, UpstreamRoute)
        await Passage(self._upstreams, route, scope, receive, send).run()

    async def _refusal(self, scope: Scope, route: UpstreamRoute) -> Response | None:
        """Return the problem of a caller who may not pass."""
        scope["route"] = route
        try:
            caller = await self._verifier.verify(_authorization(scope))
            if route.scope is not None:
                caller.need(route.scope)
        except OpenItemError as refusal:
            return problem_of(refusal)
        wait = self._limiter.seconds_to_wait(caller.subject)
        return too_fast(wait) if wait else None


def _authorization(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            found: str = value.decode("latin-1")
            return found
    return None


def _path_refused() -> Response:
    detail = "Write the path without empty or dot segments, encoded slashes or control characters."
    return problem_response(400, "path_not_plain", detail)


def _method_refused(route: OtherMethods) -> Response:
    allowed = ", ".join(route.allowed)
    detail = f"This address takes {allowed}: see /docs."
    return problem_response(405, "method_not_allowed", detail, headers={"Allow": allowed})
