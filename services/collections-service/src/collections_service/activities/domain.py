"""What past activities ask for next."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

ActivityKind = Literal["call_out", "call_in", "email", "letter", "visit", "portal", "note"]


@dataclass(frozen=True, slots=True)
class Contacts:
    """When a customer was last spoken with, and what was planned last. A note is no contact."""

    last_contact: date | None = None
    planned_on: date | None = None


NEVER = Contacts()


def next_action_on(contacts: Contacts, *, follow_up_days: int) -> date | None:
    """Return the day of the next step: the planned one, unless there was contact since; else so many days after the last."""
    last, planned = contacts.last_contact, contacts.planned_on
    if planned is not None and (last is None or last < planned):
        return planned
    return last + timedelta(days=follow_up_days) if last is not None else None
