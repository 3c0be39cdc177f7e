"""Why payments come back, what can be done about it and until when, and what may come of it."""

from cashapp_service.payment_exceptions.domain.reasons import (
    CODES,
    DAYS_TO_REACT,
    ReasonCode,
    ReturnReason,
    Scheme,
    deadline,
    reason_of,
)
from cashapp_service.payment_exceptions.domain.workflow import Outcome, Status

__all__ = [
    "CODES",
    "DAYS_TO_REACT",
    "Outcome",
    "ReasonCode",
    "ReturnReason",
    "Scheme",
    "Status",
    "deadline",
    "reason_of",
]
