"""The few kinds of refusal. A capability subclasses one of them, with a stable `code` and its facts.

    OpenItemError
    ├── InvalidError            422  the caller's data breaks a rule; names the field
    ├── NotFoundError           404
    ├── ConflictError           409  the state of the resource does not allow it
    ├── StaleError              412  If-Match is not the present version
    ├── UnauthenticatedError    401
    ├── ForbiddenError          403  role, authority or four eyes
    └── UnavailableError        503  a part this answer needs cannot be reached

What may happen is refused with one of these; what must not happen is asserted. The domain knows no HTTP:
`shared/http/problems.py` alone turns kinds into problem documents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the caller's data and what to do about it. `field` is a dotted path, such as `lines.2.amount`."""

    field: str
    detail: str


class OpenItemError(Exception):
    """A refusal with a sentence that says what to do."""

    code: ClassVar[str] = "error"
    members: Mapping[str, Any] = {}
    """What the problem document says beside the usual (RFC 9457, section 3.2), as JSON holds it."""

    def __init__(self, detail: str, *, field: str | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = (FieldError(field, detail), *errors) if field else errors


def differing(fields: Iterable[str]) -> tuple[FieldError, ...]:
    """Return what is said of each field in which a repeat is not what was posted under its key."""
    return tuple(FieldError(one, "It is not what was posted: send the same, or another key.") for one in fields)


class InvalidError(OpenItemError):
    """The caller's data breaks a rule."""

    code = "invalid"


class NotFoundError(OpenItemError):
    """What was asked for does not exist."""

    code = "not_found"


class ConflictError(OpenItemError):
    """The present state does not allow it."""

    code = "conflict"


class StaleError(OpenItemError):
    """The caller changed a version that is no longer the present one."""

    code = "stale_version"


class UnauthenticatedError(OpenItemError):
    """No valid bearer token."""

    code = "unauthenticated"


class ForbiddenError(OpenItemError):
    """The caller may not do this."""

    code = "forbidden"


class UnavailableError(OpenItemError):
    """A part that this answer needs cannot be reached; the caller may try again."""

    code = "unavailable"
