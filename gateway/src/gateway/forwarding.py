"""Which headers cross the gateway, as data and pure functions.

Inward everything passes but what belongs to one connection (RFC 9110, section 7.6.1) and what only a trusted proxy may say.
Outward only what is named here passes, so that nothing internal leaks.
"""

from collections.abc import Iterable

RawHeaders = Iterable[tuple[bytes, bytes]]

_CONNECTION = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_NOT_INWARD = _CONNECTION | {b"host", b"expect", b"forwarded", b"x-request-id", b"x-real-ip", b"cookie"}
_OUTWARD = frozenset(
    {
        b"allow",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-length",
        b"content-security-policy",
        b"content-type",
        b"deprecation",
        b"etag",
        b"idempotency-replayed",
        b"last-modified",
        b"link",
        b"location",
        b"retry-after",
        b"sunset",
        b"vary",
        b"www-authenticate",
        b"x-content-type-options",
    }
)


def inward(headers: RawHeaders, request_id: str) -> list[tuple[str, str]]:
    """Return the headers a service is sent, with the id of the request."""
    headers = list(headers)
    dropped = _named_by_connection(headers)
    passed = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if name not in _NOT_INWARD and name not in dropped and not name.startswith(b"x-forwarded-")
    ]
    passed.append(("X-Request-Id", request_id))
    return passed


def outward(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return the headers of a service's answer that a client is shown: those of HTTP, and OpenItem's own."""
    lowered = [(name.lower(), value) for name, value in headers]
    return [(name, value) for name, value in lowered if name in _OUTWARD or name.startswith(b"openitem-")]


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    named = [value for name, value in headers if name == b"connection"]
    return frozenset(word.strip().lower() for value in named for word in value.split(b","))
