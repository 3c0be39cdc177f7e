"""The feed and the stream of public events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.event_log import repository
from gateway.event_log.domain import UnknownEventError, wanted_types
from gateway.event_log.repository import Filter
from gateway.event_log.schemas import EventPage, page_json
from gateway.event_log.tail import Tail
from shared.errors import UnauthenticatedError
from shared.events import EVENT_TYPES
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import InvalidCursorError, decode_cursor, encode_cursor
from shared.security import Principal, TokenVerifier
from shared.unit_of_work import Units

router = api_router("events")

STREAM_BATCH = 200
SILENCE_SECONDS = 10.0
"""How often a silent stream looks whether its token is still good."""

Reader = Annotated[Principal, Depends(requires("events:read"))]
After = Annotated[str | None, Query(max_length=200, description="A `next_cursor`, or the `id` of an event you have")]
Types = Annotated[
    str | None,
    Query(
        max_length=1000, description="Types separated by commas; `item.*` stands for all of a noun", examples=["item.*"]
    ),
]
Customer = Annotated[str | None, Query(min_length=1, max_length=64, description="Only events about this customer")]


def _filter(types: Types = None, customer_id: Customer = None) -> Filter:
    return Filter(wanted_types(types, EVENT_TYPES) if types is not None else None, customer_id)


Wanted = Annotated[Filter, Depends(_filter)]


async def _position(session: AsyncSession, place: str | None, field: str) -> int:
    """Return the position that a cursor or an event's id stands for, 0 for the beginning; raise `UnknownEventError`."""
    if not place:
        return 0
    if place.startswith("evt_"):
        position = await repository.position_of(session, place)
        if position is None:
            raise UnknownEventError(field)
        return position
    try:
        [position] = decode_cursor(place, length=1)
    except InvalidCursorError:
        raise UnknownEventError(field) from None
    if not isinstance(position, int) or not 0 <= position < 2**63:
        raise UnknownEventError(field)
    return position


@router.get("/v1/events", response_model=EventPage)
async def read_events(
    session: Reading,
    _: Reader,
    wanted: Wanted,
    after: After = None,
    cursor: After = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Events a page")] = 50,
) -> Response:
    """Return public events in a stable order, oldest first, each exactly as it was published.

    The order never changes: nothing is ever inserted before an event that was seen. `cursor` is another name of `after`.
    """
    position = await _position(session, after or cursor, "after")
    rows = await repository.after(session, position, wanted, most=limit + 1)
    shown = rows[:limit]
    more = encode_cursor([shown[-1].position]) if len(rows) > limit else None
    return Response(page_json([row.body for row in shown], more), media_type="application/json")


async def _beginning(
    request: Request,
    after: After = None,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event received", max_length=200)
    ] = None,
) -> int:
    """Return where a stream begins. It has a session of its own, for the stream itself must not hold one."""
    units: Units = request.app.state.units
    async with units.read() as session:
        if last_event_id:
            return await _position(session, last_event_id, "Last-Event-ID")
        if after:
            return await _position(session, after, "after")
        return await repository.newest_position(session)


@router.get("/v1/events/stream", response_class=EventSourceResponse)
async def stream_events(
    request: Request,
    _: Reader,
    wanted: Wanted,
    beginning: Annotated[int, Depends(_beginning)],
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow public events as server-sent events: `id` is the event's id, `event` its type, `data` the CloudEvent.

    Begins behind `Last-Event-ID` (as an EventSource sends it when it comes back) or `after`, else with what happens from now
    on. Ends when the token expires: come back with a new one.
    """
    units: Units = request.app.state.units
    verifier: TokenVerifier = request.app.state.verifier
    tail: Tail = request.app.state.tail
    position = beginning
    async with tail.followed():
        while True:
            known = tail.newest  # Read before the query, so that what comes after the query wakes the wait.
            async with units.read() as session:
                rows = await repository.after(session, position, wanted, most=STREAM_BATCH)
            for row in rows:
                yield ServerSentEvent(id=row.event_id, event=row.type, raw_data=row.body)
                position = row.position
            if len(rows) < STREAM_BATCH:
                await tail.moved_beyond(max(position, known), seconds=SILENCE_SECONDS)
            try:
                await verifier.verify(authorization)
            except UnauthenticatedError:
                return
