"""Who may decide a limit."""

from decimal import Decimal
from typing import Literal

from credit_service.credit_accounts.domain import AuthorityExceededError, FourEyesError
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


def within_authority(requested: Decimal | None, *, authority: Decimal, unlimited: bool) -> bool:
    """Tell whether a limit may be given on this authority, both in the account's currency; None is an unmanaged one."""
    return unlimited if requested is None else requested <= authority


def ensure_may_decide(
    requested: Decimal | None,
    currency: str,
    *,
    requested_by: str,
    decided_by: str,
    authority: Decimal,
    unlimited: bool,
) -> None:
    """Raise `FourEyesError` for one's own request, `AuthorityExceededError` for one above one's authority."""
    if requested_by == decided_by:
        raise FourEyesError
    if not within_authority(requested, authority=authority, unlimited=unlimited):
        raise AuthorityExceededError("An unmanaged limit" if requested is None else str(requested), currency)
