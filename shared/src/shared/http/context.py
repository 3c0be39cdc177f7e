"""What surrounds each request: its id, the limit of its body, one log line, its metrics."""

import re
import time
from collections.abc import Iterable
from functools import lru_cache

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_response
from shared.http.protocol import WHOLE_ANSWER
from shared.ids import new_id

log = structlog.get_logger("http")

REQUESTS = Counter("openitem_http_requests", "HTTP requests answered", ["method", "route", "status"])
SECONDS = Histogram("openitem_http_request_seconds", "Seconds from the request to the end of the answer", ["route"])

BODY_BYTES_MAX = 4 * 1024 * 1024
UPLOAD_BYTES_MAX = 64 * 1024 * 1024
"""A file comes as multipart; anything else is JSON, which is parsed in memory."""

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
_ACCOUNT_IN_PATH = re.compile(r"(?<=/bank-accounts/)[^/]+")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


def request_id_of(headers: Headers) -> str:
    """Return the caller's `X-Request-Id` where it is a plain word, else a new one."""
    given = headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.match(given) else new_id("req")


def too_large(headers: Headers) -> bool:
    """Tell whether the request announces a larger body than is taken."""
    length = headers.get("Content-Length", "0")
    upload = headers.get("Content-Type", "").startswith("multipart/form-data")
    return length.isdigit() and int(length) > (UPLOAD_BYTES_MAX if upload else BODY_BYTES_MAX)


async def refuse_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 413 without reading the body."""
    detail = "The body is larger than this address takes: send it in parts."
    await problem_response(413, "body_too_large", detail)(scope, receive, send)


@lru_cache(maxsize=1024)
def _metrics_of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the metrics of one kind of answer; finding them by their labels costs as much as a log line."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


class RequestContext:
    """ASGI middleware: binds the request id, answers with it, logs and counts the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(headers)
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        def answer_with_id(code: int, answer_headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
            nonlocal status
            if not write_whole(code, (*answer_headers, (b"x-request-id", request_id.encode())), body):
                return False
            status = code
            return True

        extensions = scope.get("extensions", {})
        if (write_whole := extensions.get(WHOLE_ANSWER)) is not None:
            extensions[WHOLE_ANSWER] = answer_with_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await (refuse_body if too_large(headers) else self._app)(scope, receive, send_with_id)
            finally:
                # It keeps hold of the request that keeps hold of it: garbage that only the collector would find.
                extensions.pop(WHOLE_ANSWER, None)
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        counted, timed = _metrics_of(scope["method"], route, status)
        counted.inc()
        timed.observe(seconds)
        if scope["path"] not in _QUIET:
            log.info(
                "http.request",
                method=scope["method"],
                path=_ACCOUNT_IN_PATH.sub("***", scope["path"]),
                status=status,
                ms=round(seconds * 1000, 1),
            )
