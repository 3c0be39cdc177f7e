"""Why a close or a reopening is refused."""

from collections.abc import Iterable, Sequence
from datetime import date

from cashapp_service.closes.domain.checklist import Check
from cashapp_service.periods.domain import Period
from shared.errors import ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError


class PeriodNotOverError(ConflictError):
    """The period is not over yet."""

    code = "period_not_over"

    def __init__(self, period: Period, today: date) -> None:
        super().__init__(
            f"The period {period} lasts until {period.last_day}, and today is {today}: close it when it is over."
        )


class PeriodNotReadyError(ConflictError):
    """Something of the checklist is open and not accepted."""

    code = "period_not_ready"

    def __init__(self, company_code: str, period: Period, missing: Sequence[Check]) -> None:
        names = ", ".join(one.name for one in missing)
        errors = tuple(
            FieldError(f"checks.{one.name}", f"{one.detail} See {one.where}{_remedy(one)}") for one in missing
        )
        super().__init__(
            f"The period {period} of company {company_code} cannot be closed, this is open: {names}.", errors=errors
        )
        self.members = {
            "missing": [
                {
                    "check": one.name,
                    "detail": one.detail,
                    "count": one.count,
                    "amounts": [
                        {
                            "currency": sum_.currency,
                            "amount": format(sum_.amount, "f"),
                            "count": sum_.count,
                            "age": sum_.age,
                        }
                        for sum_ in one.amounts
                    ],
                    "missing": list(one.missing),
                    "where": one.where,
                    "acceptable": one.acceptable,
                }
                for one in missing
            ]
        }


def _remedy(check: Check) -> str:
    return f", or accept {check.name} with a reason." if check.acceptable else "; it cannot be accepted."


class NotAcceptableError(InvalidError):
    """The ledger's own proof cannot be waived."""

    code = "check_not_acceptable"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"Nobody can accept {' and '.join(sorted(names))}: leave it out.", field="accept")


class PostingsUnderWayError(ConflictError):
    """Postings of the company code took too long to wait for, or came behind the proof of the books."""

    code = "postings_under_way"

    def __init__(self) -> None:
        super().__init__("Postings of this company code are under way, and nothing was closed: try again in a moment.")


class NotTheLatestClosedError(ConflictError):
    """Only the latest closed period can be reopened."""

    code = "not_the_latest_closed"

    def __init__(self, company_code: str, period: Period, latest: Period | None) -> None:
        remedy = f"{latest} is: reopen that one first." if latest else "none of its periods is closed."
        super().__init__(f"{period} is not the latest closed period of company {company_code}; {remedy}")


class ReopeningPendingError(ConflictError):
    """Somebody has asked for it before."""

    code = "reopening_pending"

    def __init__(self, reopening_id: str) -> None:
        super().__init__(
            f"Reopening was asked for before: POST /v1/reopenings/{reopening_id}/approve by another person, or …/reject."
        )


class ReopeningNotFoundError(NotFoundError):
    """There is no such request."""

    code = "reopening_not_found"

    def __init__(self, reopening_id: str) -> None:
        super().__init__(f"There is no request {reopening_id} to reopen a period: see GET /v1/reopenings.")


class ReopeningDecidedError(ConflictError):
    """The request was decided before."""

    code = "reopening_decided"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"The request to reopen was {status} before: ask again with POST /v1/periods/{{period}}/reopen."
        )


class FourEyesError(ForbiddenError):
    """Who asked cannot approve."""

    code = "four_eyes"

    def __init__(self) -> None:
        super().__init__("Who asked for it cannot decide it: another person has to.")


class NotYourReopeningError(ForbiddenError):
    """Only who asked may withdraw."""

    code = "not_your_request"

    def __init__(self) -> None:
        super().__init__("Only who asked may withdraw the request: reject it instead.")
