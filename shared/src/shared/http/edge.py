"""What a route asks for: the unit of work, the caller, the version it expects. All of it by `Depends`.

The one thing to know: the unit of work is `scope="function"`, so that the commit comes before the answer leaves. FastAPI
would otherwise finish a `yield` dependency only after the reply was sent, and a failing commit had been answered with success.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from shared.answers import StoredAnswer
from shared.errors import InvalidError
from shared.http import idempotency
from shared.http.problems import Problem
from shared.security import Principal, TokenVerifier
from shared.texts import storable
from shared.unit_of_work import UnitOfWork, Units


class Body(BaseModel):
    """Base of request bodies: unknown fields are refused, so that a misspelt one is not silently ignored.

    Every text is one that may be stored (`shared.texts`), without the blanks at its ends.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            return storable(value)
        for one in value if isinstance(value, list) else ():
            if isinstance(one, str):
                storable(one)
        return value


async def authenticated(
    request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> Principal:
    """Return the caller; raise `InvalidTokenError`."""
    verifier: TokenVerifier = request.app.state.verifier
    return await verifier.verify(authorization)


Authenticated = Annotated[Principal, Depends(authenticated)]


def requires(scope: str) -> Callable[[Principal], Awaitable[Principal]]:
    """Return the dependency that lets only callers with `scope` pass, for `Depends(requires("items:write"))`."""

    # A plain function would be run in a thread, at a cost above that of the whole rest.
    async def check(caller: Authenticated) -> Principal:
        caller.need(scope)
        return caller

    check.scope = scope  # type: ignore[attr-defined]  # read by the gateway's contract test
    return check


async def _fingerprint(request: Request) -> str:
    path = f"{request.url.path}?{request.url.query}"
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return idempotency.fingerprint(request.method, path, await request.body())
    # Not the body itself: whoever sends it again draws another boundary between its parts.
    parts: list[bytes] = []
    for name, value in (await request.form()).multi_items():
        parts.append(name.encode())
        if isinstance(value, UploadFile):
            parts += [(value.filename or "").encode(), (value.content_type or "").encode(), await value.read()]
            await value.seek(0)
        else:
            parts.append(value.encode())
    return idempotency.fingerprint(request.method, path, b"".join(b"%d:%b" % (len(part), part) for part in parts))


async def unit_of_work(request: Request, caller: Authenticated) -> AsyncIterator[UnitOfWork]:
    """Open the request's transaction and take its `Idempotency-Key`; commit before the answer leaves."""
    units: Units = request.app.state.units
    key = idempotency.key_of(request) if request.method == "POST" else None
    async with units.begin() as uow:
        uow.actor = caller.subject
        if key is not None:
            print_ = await _fingerprint(request)
            answer = await idempotency.claim(uow.session, caller=caller.subject, key=key, print_=print_)
            if answer is not None:
                raise idempotency.ReplayedAnswer(answer)

            async def keep(answer: StoredAnswer) -> None:
                await idempotency.store(uow.session, caller=caller.subject, key=key, print_=print_, answer=answer)

            request.state.keep_answer = keep
        yield uow


async def read_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Open a session for an answer that changes nothing."""
    units: Units = request.app.state.units
    async with units.read() as session:
        yield session


Work = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
"""The request's unit of work."""
Reading = Annotated[AsyncSession, Depends(read_session, scope="function")]
"""A session for a read."""

_ETAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


async def if_match(
    value: Annotated[
        str | None, Header(alias="If-Match", description="The ETag that the change is based on; another one is 412")
    ] = None,
) -> int | None:
    """Return the version that the caller expects, None where any will do; raise `InvalidError` for another form."""
    if value is None or value == "*":
        return None
    match = _ETAG.match(value)
    if match is None:
        raise InvalidError('If-Match takes the ETag of the resource, such as "3".', field="If-Match")
    return int(match[1])


ExpectedVersion = Annotated[int | None, Depends(if_match)]
"""The version named by `If-Match`."""


def set_etag(response: Response, version: int) -> None:
    """Show the resource's version."""
    response.headers["ETag"] = f'"{version}"'


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description, "content": {"application/problem+json": {}}}
    for status, description in {
        400: "The body is not JSON",
        401: "No valid bearer token",
        403: "The caller's role, authority or four eyes forbid it",
        404: "There is no such resource",
        409: "The state of the resource does not allow it",
        412: "If-Match is not the present version",
        413: "The body is too large",
        422: "A field is wrong; `errors` names it and the remedy",
        503: "A part that this answer needs cannot be reached",
    }.items()
}


def api_router(tag: str) -> APIRouter:
    """Return the router of one capability: answers stored for `Idempotency-Key`, problems documented."""
    return APIRouter(tags=[tag], route_class=idempotency.EffectRoute, responses=PROBLEMS)
