"""The status machine of a case: new → in_process ⇄ waiting_customer | waiting_internal → escalated → resolved → closed; void.

The one thing to know: the *stage* is what people made of the case, the *status* is what is shown. A case of which nothing is
disputed any more is closed by itself whatever its stage, and comes back to its stage when a payment is reversed.
"""

from typing import Literal

from shared.errors import ConflictError
from shared.events.dispute import DisputeStatus
from shared.money import Money

Action = Literal["open", "assign", "wait", "resume", "note", "escalate", "resolve", "reopen", "close", "void", "reckon"]
"""What happens to a case; `open` and `reckon` are not done to one that is there."""

WORKED: frozenset[DisputeStatus] = frozenset({"new", "in_process", "waiting_customer", "waiting_internal"})
"""Somebody works on it, or should."""
UNDECIDED: frozenset[DisputeStatus] = WORKED | {"escalated"}
OVER: frozenset[DisputeStatus] = frozenset({"closed", "void"})

_ALLOWED: dict[Action, frozenset[DisputeStatus]] = {
    "assign": UNDECIDED,
    "wait": frozenset({"in_process", "waiting_customer", "waiting_internal"}),
    "resume": frozenset({"waiting_customer", "waiting_internal"}),
    "note": UNDECIDED | OVER | {"resolved"},
    "escalate": WORKED,
    "resolve": UNDECIDED,
    "reopen": frozenset({"resolved", "closed"}),
    "close": frozenset({"resolved"}),
    "void": UNDECIDED,
}


class ActionNotAllowedError(ConflictError):
    """The status of the case does not allow it."""

    code = "dispute_status"

    def __init__(self, number: str, status: DisputeStatus, action: Action) -> None:
        possible = ", ".join(allowed_actions(status))
        super().__init__(f"{number} is {status}, which does not allow {action}; what it allows: {possible}.")


def allowed_actions(status: DisputeStatus) -> list[Action]:
    """Return what can be done with a case of this status."""
    return [action for action, statuses in _ALLOWED.items() if status in statuses]


def ensure_allowed(action: Action, *, number: str, status: DisputeStatus) -> None:
    """Raise `ActionNotAllowedError` where the status does not allow the action."""
    if status not in _ALLOWED[action]:
        raise ActionNotAllowedError(number, status, action)


def shown_status(stage: DisputeStatus, *, disputed: Money, granted_is_posted: bool) -> DisputeStatus:
    """Return what is shown of a case: closed where nothing is disputed; else its stage.

    A resolved case whose credit is posted and that disputes something again, since a payment was returned, is in process.
    """
    if stage in OVER:
        return stage
    if not disputed:
        return "closed"
    if stage == "resolved" and granted_is_posted:
        return "in_process"
    return stage
