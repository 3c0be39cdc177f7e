"""What is done to a case, and how it is told: the event, the line of its history, and by whom."""

from dataclasses import dataclass

from dispute_service.disputes.domain.status import Action
from shared.events.dispute import DisputeClosed, DisputeEvent, DisputeStatus, DisputeUpdated
from shared.money import Money

SYSTEM = "openitem"
"""Who did it, in the history, where nobody did."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to one case. `shown` is the status it is told with, where the end of the case is told on its own."""

    action: Action
    event: type[DisputeEvent]
    by: str
    detail: str | None = None
    shown: DisputeStatus | None = None


def reckoned(*, before: DisputeStatus, after: DisputeStatus, disputed: Money) -> Deed:
    """Return what became of a case because of its items' balances: it ended, came back, or disputes another amount."""
    if after == "closed" and before != "closed":
        return Deed("close", DisputeClosed, SYSTEM, "nothing is disputed any more")
    action: Action = "reopen" if before == "closed" and after != "closed" else "reckon"
    return Deed(action, DisputeUpdated, SYSTEM, f"{disputed} is disputed")
