"""The rules of a close: what has to be done before it, and who may undo it."""

from cashapp_service.closes.domain.checklist import (
    CHECKS,
    BookTotals,
    Check,
    CheckName,
    CheckState,
    CompanyFacts,
    Sum,
    checks_of,
    missing_of,
)
from cashapp_service.closes.domain.refusals import (
    FourEyesError,
    NotAcceptableError,
    NotTheLatestClosedError,
    NotYourReopeningError,
    PeriodNotOverError,
    PeriodNotReadyError,
    PostingsUnderWayError,
    ReopeningDecidedError,
    ReopeningNotFoundError,
    ReopeningPendingError,
)

__all__ = [
    "CHECKS",
    "BookTotals",
    "Check",
    "CheckName",
    "CheckState",
    "CompanyFacts",
    "FourEyesError",
    "NotAcceptableError",
    "NotTheLatestClosedError",
    "NotYourReopeningError",
    "PeriodNotOverError",
    "PeriodNotReadyError",
    "PostingsUnderWayError",
    "ReopeningDecidedError",
    "ReopeningNotFoundError",
    "ReopeningPendingError",
    "Sum",
    "checks_of",
    "missing_of",
]
