"""The states of a limit request, and what it may ask for.

A request is pending until it is `approved` or `rejected` by somebody else, `withdrawn` by who asked, `superseded` by a newer one
of its kind, or `expired`. A request that only lowers what may be owed needs no authority: caution must not wait.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from credit_service.credit_accounts.domain import Account, Limit
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.payment_terms import PaymentTerms

LimitRequestStatus = Literal["pending", "approved", "rejected", "withdrawn", "superseded", "expired"]
INSIDE_AUTHORITY = "inside the authority of who asked"
ONLY_LOWERS = "lowers what may be owed, for which no authority is needed"


class LimitRequestNotFoundError(NotFoundError):
    """There is no such request."""

    code = "limit_request_not_found"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"There is no limit request {request_id}: see GET /v1/limit-requests.")


class LimitRequestDecidedError(ConflictError):
    """The request is not pending any more."""

    code = "limit_request_decided"

    def __init__(self, request_id: str, status: str) -> None:
        super().__init__(f"Limit request {request_id} is {status} already: send a new one.")


class LimitRequestOutdatedError(ConflictError):
    """The request can no longer be given as it was asked for."""

    code = "limit_request_outdated"

    def __init__(self, request_id: str, why: str) -> None:
        super().__init__(
            f"Limit request {request_id} cannot be approved any more, as {why}: reject it and send a new one."
        )


class NotYourRequestError(ForbiddenError):
    """Only who asked may withdraw."""

    code = "not_your_request"

    def __init__(self) -> None:
        super().__init__("Only who asked may withdraw the request: reject it instead.")


class TemporaryIncreaseError(InvalidError):
    """A temporary increase states an amount and its last day, and nothing else changes with it."""

    code = "temporary_increase"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a lasting limit, or for `temporary` one that stands above it up to and including `valid_until`."""

    customer_id: str
    amount: Decimal | None
    currency: str
    valid_until: date | None
    reason: str
    payment_terms: str | None = None
    risk_class: str | None = None
    review_on: date | None = None
    temporary: bool = False
    evidence: tuple[str, ...] = ()

    def ensure_sound(self) -> None:
        """Raise `InvalidPaymentTermsError`, and `TemporaryIncreaseError` for an increase without end or with lasting terms."""
        if self.payment_terms is not None:
            PaymentTerms.parse(self.payment_terms)
        if not self.temporary:
            return
        if self.valid_until is None:
            raise TemporaryIncreaseError("A temporary increase needs its last day.", field="valid_until")
        if not self.amount:
            raise TemporaryIncreaseError("A temporary increase needs an amount above zero.", field="requested_limit")
        for field, value in (("payment_terms", self.payment_terms), ("risk_class", self.risk_class)):
            if value is not None:
                raise TemporaryIncreaseError("This does not change for a time: ask without `temporary`.", field=field)

    def applied_to(self, limit: Limit) -> Limit:
        """Return the limit as it would be; raise `NotAnIncreaseError`."""
        if self.temporary and self.amount is not None and self.valid_until is not None:
            return limit.increased(self.amount, self.valid_until)
        return limit.followed_by(Limit.of(self.amount, self.valid_until))

    def only_lowers(self, account: Account) -> bool:
        """Tell whether nothing is granted by it that the account does not have."""
        return (
            account.limit_decided
            and not self.temporary
            and not account.limit.lasting.is_raised_by(Limit.of(self.amount, self.valid_until))
            and self.payment_terms in (None, account.payment_terms)
            and self.risk_class in (None, account.risk_class)
        )


def lapses_on(asked_on: date, days: int) -> date:
    """Return the last day on which a request may be approved."""
    return asked_on + timedelta(days=days)
