"""The states of a limit request."""

from typing import Literal

from shared.errors import ConflictError, NotFoundError

LimitRequestStatus = Literal["pending", "approved", "rejected"]


class LimitRequestNotFoundError(NotFoundError):
    """There is no such request."""

    code = "limit_request_not_found"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"There is no limit request {request_id}: see GET /v1/limit-requests.")


class LimitRequestDecidedError(ConflictError):
    """The request was decided before."""

    code = "limit_request_decided"

    def __init__(self, request_id: str, status: str) -> None:
        super().__init__(f"Limit request {request_id} is {status} already: send a new one.")
