"""An event is written as its contract says, whichever way it is written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.events.envelope import CheckedEvent, Envelope, WrittenEvent, write, write_checked
from tests.support.messaging import thing


@pytest.mark.parametrize("correlation_id", [None, "req_1", 'a "quoted" ü\u2028 word'])
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 31, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 12, 0, 0, 425000, tzinfo=UTC),
        datetime(2026, 3, 31, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_what_is_written_is_the_envelope_in_json(at: datetime, correlation_id: str | None) -> None:
    event = write(thing(1), source="tests", at=at, correlation_id=correlation_id)

    envelope = Envelope.model_validate_json(event.body)
    assert envelope.model_dump_json(exclude_none=True) == event.body
    assert (envelope.id, envelope.type, envelope.subject, envelope.time) == (
        event.id,
        event.type,
        event.subject,
        event.time,
    )


def test_what_was_checked_before_is_written_as_the_event_is() -> None:
    at, data = datetime(2026, 3, 31, 12, 0, tzinfo=UTC), thing(1)
    checked = CheckedEvent(type(data), data.aggregate_id, data.about_customer, data.model_dump())

    event = write_checked(checked, source="tests", at=at, correlation_id=None)

    assert event.body.replace(event.id, "") == _without_id(write(data, source="tests", at=at, correlation_id=None))


def _without_id(event: WrittenEvent) -> str:
    return event.body.replace(event.id, "")
