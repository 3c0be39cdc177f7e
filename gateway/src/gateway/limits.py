"""How fast one client may call: a token bucket each, in memory, so every replica of the gateway counts for itself."""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

from fastapi.responses import JSONResponse

from shared.http.problems import problem_response

CLIENTS_MAX = 10_000
TOO_FAST = "This client calls faster than it may: wait as Retry-After says."


class RateLimiter:
    """Lets each client make `per_second` requests a second, and as many at once after a pause of a second."""

    def __init__(self, per_second: float, *, timer: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second)
        self._timer = timer
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, client: str) -> float:
        """Take one request out of the client's bucket; return 0, or the seconds after which there will be one."""
        now = self._timer()
        left, at = self._buckets.get(client, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1.0
        self._buckets[client] = (left - 1.0 if allowed else left, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > CLIENTS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / self._per_second


def too_fast_headers(seconds: float) -> dict[str, str]:
    """Return when to come back (RFC 9110, section 10.2.3)."""
    return {"Retry-After": str(ceil(seconds))}


def too_fast(seconds: float) -> JSONResponse:
    """Return the problem of a client that calls faster than it may."""
    return problem_response(429, "too_many_requests", TOO_FAST, headers=too_fast_headers(seconds))
