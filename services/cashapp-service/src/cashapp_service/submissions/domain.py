"""A submission of a document and what keeps a document from its customer.

The one thing to know: a submission moves forward only, from submitted to delivered or failed; one that was delivered may still be
rejected. What failed is sent again as another submission. The latest one tells whether the customer has the document, and one on
its way does not undo one that arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shared.errors import ConflictError, InvalidError
from shared.events.credit import PaymentRequirements

Channel = Literal["email", "portal", "edi", "post", "peppol"]
SubmissionStatus = Literal["submitted", "delivered", "failed"]
ReasonCode = Literal["po_missing", "portal_rejected", "failed", "wrong_channel", "not_submitted", "not_confirmed"]
_RANK: dict[SubmissionStatus, int] = {"submitted": 0, "delivered": 1, "failed": 2}


class NotForwardError(ConflictError):
    """A submission would go back to a status that it has left behind."""

    code = "submission_not_forward"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(
            f"This submission is {status} already and cannot become {wanted}: record another one with its own reference.",
            field="status",
        )


class FailureReasonError(InvalidError):
    """A failed submission does not say why, or one that did not fail says it."""

    code = "failure_reason"

    def __init__(self, status: str) -> None:
        detail = "Say why it failed." if status == "failed" else f"A submission that is {status} has no failure reason."
        super().__init__(detail, field="failure_reason")


class StatusTooEarlyError(InvalidError):
    """A status was reached before the document was sent, or the document was sent before it was issued."""

    code = "status_too_early"

    def __init__(self, earliest: date, *, field: str) -> None:
        super().__init__(f"This cannot be before {earliest}.", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported of a submission: its status, reached on `status_on`."""

    channel: Channel
    status: SubmissionStatus
    submitted_on: date
    status_on: date
    reference: str | None = None
    failure_reason: str | None = None

    def check(self, issue_date: date) -> None:
        """Raise `FailureReasonError` and `StatusTooEarlyError`."""
        if (self.status == "failed") != (self.failure_reason is not None):
            raise FailureReasonError(self.status)
        if self.submitted_on < issue_date:
            raise StatusTooEarlyError(issue_date, field="submitted_on")
        if self.status_on < self.submitted_on:
            raise StatusTooEarlyError(self.submitted_on, field="status_on")


@dataclass(frozen=True, slots=True)
class Known:
    """A submission that is known already, with the statuses it went through."""

    submission_id: str
    channel: str
    reference: str | None
    status: SubmissionStatus
    reached: frozenset[str]


def concerned(known: Sequence[Known], report: Report) -> Known | None:
    """Return the submission (the latest comes last) that a report is about, None where it tells of a new one.

    It is the one with its channel and reference; a report without a reference that says what became of a submission is about
    the latest one of its channel, as long as that is on its way.
    """
    if report.reference is not None:
        same = ((one.channel, one.reference) == (report.channel, report.reference) for one in known)
        return next((one for one, is_same in zip(known, same, strict=True) if is_same), None)
    latest = known[-1] if known else None
    if latest is None or report.status == "submitted" or latest.channel != report.channel:
        return None
    return latest if latest.status == "submitted" else None


def moves(known: Known, report: Report) -> bool:
    """Tell whether a report says something new of its submission; raise `NotForwardError` where it would go back."""
    if report.status in known.reached:
        return False
    if _RANK[report.status] <= _RANK[known.status]:
        raise NotForwardError(known.status, report.status)
    return True


def state_of(statuses: Sequence[SubmissionStatus]) -> SubmissionStatus:
    """Return whether the customer has a document, by the statuses of its submissions, the latest last."""
    return "delivered" if statuses[-1] == "submitted" and "delivered" in statuses else statuses[-1]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that keeps a document from its customer, or its customer from paying it."""

    code: ReasonCode
    detail: str


def deliver_by(issue_date: date, submission_days: int) -> date:
    """Return the last day on which a document of `issue_date` is delivered in time."""
    return issue_date + timedelta(days=submission_days)


def obstacles(
    *,
    state: str,
    po_number: str | None,
    channel: str | None,
    failure_reason: str | None,
    requirements: PaymentRequirements,
) -> tuple[Obstacle, ...]:
    """Return what stands in the way of a document that is not delivered; `channel` is that of its latest submission."""
    found = []
    if requirements.po_required and po_number is None:
        found.append(
            Obstacle("po_missing", "The customer pays no invoice without a purchase order, and this has none.")
        )
    if state == "failed":
        code: ReasonCode = "portal_rejected" if channel == "portal" else "failed"
        found.append(Obstacle(code, failure_reason or "The submission failed."))
    wanted = (
        "portal" if requirements.portal and not requirements.submission_channel else requirements.submission_channel
    )
    if channel is not None and wanted is not None and channel != wanted:
        found.append(Obstacle("wrong_channel", f"It was sent by {channel}, the customer takes {wanted}."))
    if state == "pending":
        where = f" by {wanted}" if wanted else ""
        found.append(Obstacle("not_submitted", f"It was not sent yet{where}."))
    if state == "submitted":
        found.append(Obstacle("not_confirmed", "It was sent and nobody confirmed that it arrived."))
    return tuple(found)
