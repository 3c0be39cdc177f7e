"""`Idempotency-Key`: the stored answer lives in the transaction of the effect (draft-ietf-httpapi-idempotency-key-header).

Same key and body: the same answer again. Same key, other body: 422. Still in flight: 409. A refused request had no effect,
so nothing is stored for it and the key may be used again.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args, get_origin

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import Column, Integer, LargeBinary, String, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import QueryParams

from shared.answers import KeyedRequest, StoredAnswer
from shared.database import INSTANT, new_metadata
from shared.errors import ConflictError, InvalidError, OpenItemError
from shared.http.form_guard import form_guard_of, takes_a_form
from shared.http.json_guard import guarded

KEY_LENGTH_MAX = 255

Settled = StoredAnswer | OpenItemError
"""Why a request is not done (again)."""

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    new_metadata(),
    Column("caller", String(200), primary_key=True, comment="who sent it: a key is the caller's own"),
    Column("key", String(KEY_LENGTH_MAX), primary_key=True),
    Column("fingerprint", String(64), nullable=False, comment="SHA-256 of method, path and body"),
    Column("status", Integer, nullable=False),
    Column("etag", String(80)),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", INSTANT, nullable=False, server_default=func.now()),
)


class IdempotencyKeyReusedError(InvalidError):
    """The key was used before with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request: use a new key.", field="Idempotency-Key")


class RequestInFlightError(ConflictError):
    """A request with the same key is being worked on."""

    code = "request_in_flight"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still in flight: try again in a moment.")


class ReplayedAnswer(Exception):  # noqa: N818 - not an error: it carries the answer past the endpoint
    """Ends a request whose answer is already known; the edge turns it into that answer."""

    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__("already answered")
        self.answer = answer


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what two requests must share to be the same."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def key_of(request: Request) -> str | None:
    """Return the request's key; raise `InvalidError` for one that is empty or too long."""
    key = request.headers.get("Idempotency-Key")
    return None if key is None else checked_key(key)


def checked_key(key: str) -> str:
    """Return the key; raise `InvalidError` for one that is empty or too long."""
    if not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise InvalidError(f"An Idempotency-Key has 1 to {KEY_LENGTH_MAX} characters.", field="Idempotency-Key")
    return key


async def claim(session: AsyncSession, *, caller: str, key: str, print_: str) -> StoredAnswer | None:
    """Take the key for this transaction; return the stored answer where the request was answered before.

    Raises `RequestInFlightError` while another transaction has the key, `IdempotencyKeyReusedError` for another request.
    """
    taken = await session.scalar(
        text("select pg_try_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": f"{caller}|{key}"}
    )
    if not taken:
        raise RequestInFlightError
    row = (
        await session.execute(
            select(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.caller == caller, IDEMPOTENCY_KEYS.c.key == key)
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != print_:
        raise IdempotencyKeyReusedError
    return StoredAnswer(row.status, row.body, row.etag)


async def store(session: AsyncSession, *, caller: str, key: str, print_: str, answer: StoredAnswer) -> None:
    """Keep the answer, in the transaction of the effect."""
    await session.execute(
        insert(IDEMPOTENCY_KEYS).values(
            caller=caller,
            key=key,
            fingerprint=print_,
            status=answer.status,
            etag=answer.etag,
            body=answer.body,
        )
    )


_CLAIM_MANY = text(
    "select r.caller, r.key, pg_try_advisory_xact_lock(hashtextextended(r.caller || '|' || r.key, 1)) "
    "from unnest(cast(:callers as text[]), cast(:keys as text[])) as r(caller, key)"
)
_ANSWERED_MANY = text(
    "select k.caller, k.key, k.fingerprint, k.status, k.body, k.etag "
    "from unnest(cast(:callers as text[]), cast(:keys as text[])) as r(caller, key) "
    "join idempotency_keys k on k.caller = r.caller and k.key = r.key"
)
STORE_MANY = (
    "insert into idempotency_keys (caller, key, fingerprint, status, etag, body) "
    "select * from unnest(cast(:callers as text[]), cast(:keys as text[]), cast(:prints as text[]), "
    "cast(:statuses as int[]), cast(:etags as text[]), cast(:bodies as bytea[]))"
)
"""Keeps answers; also a step of a larger statement, for who writes effects and answers in one."""
_STORE_MANY = text(STORE_MANY)


def settled_as(request: KeyedRequest, *, taken: bool, known: StoredAnswer | None, print_: str | None) -> Settled | None:
    """Return why a request is not to be done, None where it is.

    It was answered before (`known`, under the fingerprint `print_`), is in flight elsewhere, or its key was used for another.
    """
    if not taken:
        return RequestInFlightError()
    if print_ is not None and print_ != request.print_:
        return IdempotencyKeyReusedError()
    return known


async def claim_many(session: AsyncSession, requests: Sequence[KeyedRequest]) -> dict[KeyedRequest, Settled]:
    """Take the keys of many requests for this transaction, each key once; what is in the result is not to be done."""
    names = {"callers": [one.caller for one in requests], "keys": [one.key for one in requests]}
    taken = {(row[0], row[1]): row[2] for row in await session.execute(_CLAIM_MANY, names)}
    # A statement of its own: it must see what was committed by whoever held a key until it was taken here.
    known = {(row[0], row[1]): row for row in await session.execute(_ANSWERED_MANY, names)}
    settled: dict[KeyedRequest, Settled] = {}
    for one in requests:
        row = known.get((one.caller, one.key))
        answer, print_ = (StoredAnswer(row.status, row.body, row.etag), row.fingerprint) if row else (None, None)
        outcome = settled_as(one, taken=taken[one.caller, one.key], known=answer, print_=print_)
        if outcome is not None:
            settled[one] = outcome
    return settled


def columns(answers: Mapping[KeyedRequest, StoredAnswer]) -> dict[str, Any]:
    """Return the parameters of `STORE_MANY`."""
    return {
        "callers": [one.caller for one in answers],
        "keys": [one.key for one in answers],
        "prints": [one.print_ for one in answers],
        "statuses": [answer.status for answer in answers.values()],
        "etags": [answer.etag for answer in answers.values()],
        "bodies": [answer.body for answer in answers.values()],
    }


async def store_many(session: AsyncSession, answers: Mapping[KeyedRequest, StoredAnswer]) -> None:
    """Keep many answers, in the transaction of their effects."""
    await session.execute(_STORE_MANY, columns(answers))


class UnknownParameterError(InvalidError):
    """The address has a query parameter that this route does not know."""

    code = "unknown_parameter"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        remedy = f"known are {', '.join(sorted(known))}" if known else "it takes none"
        super().__init__(f"There is no query parameter {name!r} here: {remedy}.", field=name)


class DoubledParameterError(InvalidError):
    """The address gives a query parameter several times that has one value."""

    code = "parameter_twice"

    def __init__(self, name: str) -> None:
        super().__init__(f"The query parameter {name} stands twice: send it once.", field=name)


def _query_parameters(dependant: Dependant) -> dict[str, bool]:
    """Return the parameters that a route knows, and whether each may have several values."""
    known = {field.alias: _takes_several(field.field_info.annotation) for field in dependant.query_params}
    for each in dependant.dependencies:
        known |= _query_parameters(each)
    return known


def _takes_several(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_takes_several, get_args(annotation)))


def _check_query(query: QueryParams, known: Mapping[str, bool]) -> None:
    """Raise `UnknownParameterError` or `DoubledParameterError`."""
    for name in query:
        if name not in known:
            raise UnknownParameterError(name, known)
        if not known[name] and len(query.getlist(name)) > 1:
            raise DoubledParameterError(name)


class EffectRoute(APIRoute):
    """A route whose answer is stored beside its effect where the caller sent an `Idempotency-Key`.

    It runs between the endpoint and the commit: the unit of work of the request is still open (`shared.http.edge`).
    A query parameter that the route does not know is refused, so that a misspelt filter is not silently ignored, or that stands
    twice, of which the last would be taken; and so are a form with a card number in it (`shared.http.form_guard`) and JSON that
    says something twice (`shared.http.json_guard`).
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if takes_a_form(endpoint):
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(form_guard_of(endpoint))]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Any:
        """Return FastAPI's handler with the check of the query before it and the storing of the answer behind it."""
        answer_request = super().get_route_handler()
        known = _query_parameters(self.dependant)

        async def handler(request: Request) -> Response:
            _check_query(request.query_params, known)
            request = await guarded(request)
            response = await answer_request(request)
            keep = getattr(request.state, "keep_answer", None)
            if keep is not None and response.status_code < 400:
                body = bytes(response.body)
                await keep(StoredAnswer(response.status_code, body, response.headers.get("ETag")))
            return response

        return handler
