"""Event contracts, owned by the publisher and versioned. They only grow within a version."""

from shared.events import cashapp, collections, credit, dispute
from shared.events.envelope import EventData

_MODULES = {
    "credit-service": credit,
    "cashapp-service": cashapp,
    "dispute-service": dispute,
    "collections-service": collections,
}
SERVICES = tuple(_MODULES)
"""The services that publish events."""


def published_by(service: str) -> dict[str, type[EventData]]:
    """Return the event types that one service publishes, by type name."""
    members = vars(_MODULES[service]).values()
    return {
        member.type: member
        for member in members
        if isinstance(member, type) and issubclass(member, EventData) and "type" in vars(member)
    }


def all_published() -> dict[str, type[EventData]]:
    """Return every event type of the system, by type name."""
    return {name: model for service in _MODULES for name, model in published_by(service).items()}


EVENT_TYPES = all_published()
