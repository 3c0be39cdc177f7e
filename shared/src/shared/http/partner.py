"""Asks a service of another company, which may be slow, wrong or down.

The one thing to know: a question that may cost money says when it may be asked again (`Repeat`); one that got no answer at all
may have been taken. Nothing of what is sent or answered is logged, as it is confidential.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import httpx
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from shared.errors import UnavailableError

log = structlog.get_logger(__name__)

_BUSY = frozenset({429, 500, 502, 503, 504})
_NOT_TAKEN = frozenset({429, 503})
"""By these the partner says that it has not begun: too many requests, service unavailable (RFC 6585, RFC 9110)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a partner is waited for: for one answer, in how many attempts, and at most how long between two.

    `answer_bytes_max` is what is read of an answer before it is broken off.
    """

    answer_seconds: float = 20
    attempts: int = 3
    pause_seconds_max: float = 8
    answer_bytes_max: int = 16 * 1024 * 1024


Repeat = Literal["always", "refused", "not_taken"]
"""Whether a question is asked again that failed for a reason that may pass: always, only where an answer said that it failed,
or only where the partner has surely not taken it."""


@dataclass(frozen=True, slots=True)
class Question:
    """An HTTP request."""

    method: str
    path: str
    repeat: Repeat
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: Any = None
    form: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None


class PartnerError(UnavailableError):
    """A question got no usable answer.

    `status` is that of the answer, if there was one; `taken` tells whether the partner may have carried the question out.
    """

    code = "partner_unavailable"

    def __init__(
        self, detail: str, *, taken: bool, status: int | None = None, answer: Any = None, pause: float | None = None
    ) -> None:
        super().__init__(detail)
        self.taken = taken
        self.status = status
        self.answer = answer
        self.pause = pause

    @property
    def passes(self) -> bool:
        """Whether it may be gone at the next attempt."""
        return self.status is None or self.status in _BUSY

    def may_be_repeated(self, repeat: Repeat) -> bool:
        """Tell whether the same question may be asked again."""
        return repeat == "always" or not self.taken or (repeat == "refused" and self.status is not None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered: the JSON, its numbers as `Decimal` and `int`, and the content as it came."""

    value: Any
    content: bytes


class PartnerClient:
    """Asks one service of a partner for JSON."""

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._name = name
        self._base_url = base_url
        self._patience = patience or Patience()
        self._transport = transport

    async def ask(self, question: Question) -> Answer:
        """Return what is answered; raise `PartnerError`."""

        def again(error: BaseException) -> bool:
            return isinstance(error, PartnerError) and error.passes and error.may_be_repeated(question.repeat)

        attempts = AsyncRetrying(
            stop=stop_after_attempt(self._patience.attempts), wait=self._pause, retry=retry_if_exception(again)
        )
        attempts.reraise = True
        return await attempts(self._once, question)

    def _pause(self, state: RetryCallState) -> float:
        """Return what the partner asks for, else a random pause that grows, neither above the longest."""
        longest = self._patience.pause_seconds_max
        error = state.outcome.exception() if state.outcome else None
        asked = error.pause if isinstance(error, PartnerError) else None
        log.info("partner.asked_again", partner=self._name, attempt=state.attempt_number)
        if asked is not None:
            return min(asked, longest)
        return wait_random_exponential(multiplier=longest / 8, max=longest)(state)

    async def _once(self, question: Question) -> Answer:
        try:
            async with asyncio.timeout(self._patience.answer_seconds):
                status, headers, content = await self._exchange(question)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise PartnerError(f"{self._name} cannot be reached.", taken=False) from error
        except TimeoutError as error:
            seconds = self._patience.answer_seconds
            raise PartnerError(f"{self._name} did not answer within {seconds:g} s.", taken=True) from error
        except httpx.HTTPError as error:
            raise PartnerError(f"{self._name} broke the connection off.", taken=True) from error
        if not 200 <= status < 300:
            raise self._refused(status, headers, content)
        try:
            return Answer(parsed(content), content)
        except ValueError as error:
            detail = f"{self._name} answered with something that is not JSON."
            raise PartnerError(detail, taken=True, status=status) from error

    async def _exchange(self, question: Question) -> tuple[int, httpx.Headers, bytes]:
        async with (
            httpx.AsyncClient(base_url=self._base_url, transport=self._transport) as client,
            client.stream(
                question.method,
                question.path,
                params=question.params,
                headers={"Accept": "application/json", **(question.headers or {})},
                json=question.body,
                data=question.form,
                auth=question.basic,
                timeout=httpx.Timeout(None, connect=min(5, self._patience.answer_seconds)),
            ) as answer,
        ):
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > self._patience.answer_bytes_max:
                    raise PartnerError(
                        f"{self._name} answered with more than can be an answer.", taken=True, status=200
                    )
            return answer.status_code, answer.headers, bytes(content)

    def _refused(self, status: int, headers: httpx.Headers, content: bytes) -> PartnerError:
        try:
            answer = parsed(content)
        except ValueError:
            answer = None
        wait = headers.get("Retry-After", "")
        return PartnerError(
            f"{self._name} answered with status {status}.",
            taken=status >= 500 and status not in _NOT_TAKEN,
            status=status,
            answer=answer,
            pause=float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else None,
        )


def parsed(content: bytes) -> Any:
    """Return JSON with exact numbers; raise `ValueError` for anything else, also for NaN and for endless nesting."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no number of JSON")

    try:
        return json.loads(content, parse_float=Decimal, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None


class KeptToken:
    """An access token that is kept until shortly before it expires."""

    EARLY_SECONDS = 60

    def __init__(
        self, fetch: Callable[[], Awaitable[tuple[str, float]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Make a keeper; `fetch` returns a new token and its lifetime in seconds."""
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._until = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """Return a token that is valid for a while, fetched by one caller for all who wait."""
        async with self._lock:
            if self._clock() >= self._until:
                self._token, lifetime = await self._fetch()
                self._until = self._clock() + max(lifetime - self.EARLY_SECONDS, lifetime / 2)
            return self._token

    def forget(self) -> None:
        """Have the next caller fetch another: the partner does not take this one any more."""
        self._until = float("-inf")
