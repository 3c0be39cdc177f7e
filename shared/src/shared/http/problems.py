"""RFC 9457 problem documents. This module alone turns kinds of refusal into HTTP."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.database import is_contended, is_unreachable
from shared.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OpenItemError,
    StaleError,
    UnauthenticatedError,
    UnavailableError,
)
from shared.http.idempotency import ReplayedAnswer

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)

MEDIA_TYPE = "application/problem+json"

STATUS = {
    InvalidError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    StaleError: 412,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    UnavailableError: 503,
}

_REMEDIES = {
    404: "There is nothing at this address: see /docs for the addresses there are.",
    405: "This address does not take that method: see /docs.",
    413: "The body is larger than this address takes: send it in parts.",
}


class ProblemField(BaseModel):
    """One field of the request and what to do about it."""

    field: str = Field(description="Dotted path in the body, or the name of a parameter or header")
    detail: str = Field(description="What is wrong with it and what to do")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Stable identifier of the kind of problem", examples=["/problems/unknown_customer"])
    title: str = Field(description="The HTTP status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong and what to do")
    code: str = Field(description="Stable name of the kind of problem")
    errors: list[ProblemField] = Field(default=[], description="Each field that is wrong")
    request_id: str | None = Field(default=None, description="Names the request in the logs")


def problem_response(
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return a problem document with the request's id, and with `members` of its own."""
    problem = Problem(
        type=f"/problems/{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=[ProblemField(field=error.field, detail=error.detail) for error in errors],
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
    )
    return JSONResponse(problem.model_dump() | {**(members or {})}, status, headers, MEDIA_TYPE)


def status_of(error: OpenItemError) -> int:
    """Return the HTTP status of a kind of refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem_of(error: OpenItemError) -> JSONResponse:
    """Return the problem document of a refusal."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {"Retry-After": "1"} if status == 503 else None
    return problem_response(status, error.code, error.detail, error.errors, headers, error.members)


def problem_as_result(error: OpenItemError) -> Problem:
    """Return the refusal of one of many that were sent together, as its result in the list of all."""
    status = status_of(error)
    return Problem(
        type=f"/problems/{error.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error.detail,
        code=error.code,
        errors=[ProblemField(field=one.field, detail=one.detail) for one in error.errors],
    )


_SAYINGS = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field: remove it or correct its name.",
    "json_invalid": "The body is not valid JSON.",
}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Return pydantic's errors as field paths with remedies; the first part of the location names the place, not the field."""
    return [
        FieldError(
            ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0]),
            _SAYINGS.get(error["type"], error["msg"].removeprefix("Value error, ")),
        )
        for error in errors
    ]


def read_or_refused(model: type[M], raw: Any) -> M | InvalidError:
    """Read one of many that were sent together, or return why it cannot be read."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        # `field_errors` leaves out the first part of a location, which for a whole request names the place.
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        return InvalidError("Correct the fields named in errors.", errors=tuple(field_errors(found)))


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, OpenItemError)
    return problem_of(error)


def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem_response(400, "body_not_json", "The body is not valid JSON.", field_errors(found))
    return problem_response(422, "invalid_request", "Correct the fields named in errors.", field_errors(found))


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = _REMEDIES.get(error.status_code, str(error.detail))
    code = HTTPStatus(error.status_code).name.lower()
    headers = dict(error.headers) if error.headers else None
    return problem_response(error.status_code, code, detail, headers=headers)


def _replayed(_: Request, replay: Exception) -> Response:
    assert isinstance(replay, ReplayedAnswer)
    headers = {"Idempotency-Replayed": "true"} | ({"ETag": replay.answer.etag} if replay.answer.etag else {})
    return Response(replay.answer.body, replay.answer.status, headers, "application/json")


def _unexpected(_: Request, error: Exception) -> Response:
    return _fault(error)


def _fault(error: Exception) -> Response:
    if is_unreachable(error) or isinstance(error, PoolTimeoutError):
        log.warning("http.database_unreachable", error=type(error).__name__)
        return problem_of(UnavailableError("The database cannot be reached at the moment: try again shortly."))
    if is_contended(error):
        log.warning("http.contended", error=str(error))
        return problem_of(UnavailableError("Another change was in the way and nothing was done: send it again."))
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "")[:2] == "22":
        log.warning("http.value_refused_by_database", error=str(error.orig))
        return problem_response(
            422, "invalid", "A value cannot be stored: send no NUL character (%00) and no number out of range."
        )
    log.error("http.unexpected", exc_info=error)
    return problem_response(500, "internal", "An unexpected fault; it is logged under the request id.")


def response_to(error: Exception) -> Response:
    """Return the problem document of a refusal or fault; a mistake in the code is logged and hidden."""
    return problem_of(error) if isinstance(error, OpenItemError) else _fault(error)


def install(app: FastAPI) -> None:
    """Answer every refusal and fault of `app` with a problem document."""
    app.add_exception_handler(OpenItemError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ReplayedAnswer, _replayed)
    for kind in (DBAPIError, PoolTimeoutError, OSError):
        app.add_exception_handler(kind, _unexpected)
    app.add_exception_handler(Exception, _unexpected)
