"""Public events, made up."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from gateway.event_log.handlers import on_events
from shared.events.envelope import Envelope
from shared.unit_of_work import Units

_numbers = count(1)


def event(type_: str = "item.posted", customer_id: str | None = "C-1", **data: Any) -> Envelope:
    """Return an event that no other one is equal to."""
    number = next(_numbers)
    return Envelope(
        id=f"evt_{number:08d}",
        source="cashapp-service",
        type=type_,
        subject=f"itm_{number}",
        time=datetime(2026, 3, 31, 9, 15, tzinfo=UTC),
        dataschema=f"/schemas/{type_}.v1.json",
        customerid=customer_id,
        data={"version": 1} | data,
    )


async def log(units: Units, *events: Envelope) -> None:
    """Have the events written, in one transaction."""
    async with units.begin() as uow:
        await on_events(uow, events)
