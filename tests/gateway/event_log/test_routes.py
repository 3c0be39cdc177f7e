import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.access.signing import SigningKey
from shared.unit_of_work import Units
from tests.gateway.event_log.events import event, log
from tests.gateway.world import Gateway


async def read(gateway: Gateway, **params: str | int) -> httpx.Response:
    return await gateway.http.get("/v1/events", params=params, headers=await gateway.bearer("auditor"))


async def test_the_feed_gives_every_event_once_in_its_order_over_pages(gateway: Gateway, units: Units) -> None:
    written = [event() for _ in range(7)]
    await log(units, *written)

    seen, after = [], ""
    while True:
        page = (await read(gateway, limit=3, **({"after": after} if after else {}))).json()
        seen += page["data"]
        after = page["next_cursor"]
        if after is None:
            break

    assert seen == [json.loads(one.model_dump_json(exclude_none=True)) for one in written]


async def test_an_empty_log_is_an_empty_page(gateway: Gateway) -> None:
    assert (await read(gateway)).json() == {"data": [], "next_cursor": None}


async def test_a_reader_comes_back_later_with_the_last_event_it_has(gateway: Gateway, units: Units) -> None:
    first, second = event(), event()
    await log(units, first)
    last = (await read(gateway)).json()["data"][-1]["id"]
    nothing_yet = (await read(gateway, after=last)).json()
    await log(units, second)

    assert nothing_yet == {"data": [], "next_cursor": None}
    assert [one["id"] for one in (await read(gateway, after=last)).json()["data"]] == [second.id]


async def test_the_feed_is_filtered_by_types_and_customer(gateway: Gateway, units: Units) -> None:
    posted, cleared = event("item.posted", "C-1"), event("item.cleared", "C-2")
    received, closed = event("payment.received", "C-1"), event("period.closed", None)
    await log(units, posted, cleared, received, closed)

    async def ids(**params: str) -> list[str]:
        return [one["id"] for one in (await read(gateway, **params)).json()["data"]]

    assert await ids(types="item.*") == [posted.id, cleared.id]
    assert await ids(types="item.cleared,payment.*") == [cleared.id, received.id]
    assert await ids(customer_id="C-1") == [posted.id, received.id]
    assert await ids(customer_id="C-1", types="item.*") == [posted.id]
    assert await ids(customer_id="nobody") == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"types": "item.postd"}, "types"),
        ({"after": "evt_unknown"}, "after"),
        ({"after": "x"}, "after"),
        ({"after": "WyJzYSJd"}, "after"),
        ({"cursor": "WyJpLTEiXQ"}, "after"),
        ({"after": "WyJpOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkiXQ"}, "after"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_its_field(
    gateway: Gateway, params: dict[str, str | int], field: str
) -> None:
    answer = await read(gateway, **params)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nobody_reads_events_without_a_token(gateway: Gateway) -> None:
    for path in ("/v1/events", "/v1/events/stream"):
        assert (await gateway.http.get(path)).status_code == 401


class Stream:
    """An EventSource."""

    def __init__(self, gateway: Gateway, **headers: str) -> None:
        self._gateway = gateway
        self._headers = headers

    async def events(self, **params: str) -> AsyncIterator[dict[str, str]]:
        headers = await self._gateway.bearer() | self._headers
        url = "/v1/events/stream"
        async with self._gateway.http.stream("GET", url, params=params, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if not line and fields:
                    yield fields
                    fields = {}
                name, colon, value = line.partition(": ")
                if colon and name:
                    fields[name] = value

    async def take(self, count: int, **params: str) -> list[dict[str, str]]:
        taken: list[dict[str, str]] = []
        async with asyncio.timeout(10):
            events = self.events(**params)
            async for one in events:
                taken.append(one)
                if len(taken) == count:
                    break
            await events.aclose()  # type: ignore[attr-defined]
        return taken


async def test_a_stream_begins_with_what_happens_from_now_on(gateway: Gateway, units: Units) -> None:
    await log(units, event())
    stream = asyncio.create_task(Stream(gateway).take(2))
    await asyncio.sleep(0.5)
    new = [event(), event()]
    await log(units, *new)

    taken = await stream

    assert [one["id"] for one in taken] == [one.id for one in new]
    assert [one["event"] for one in taken] == ["item.posted", "item.posted"]
    assert json.loads(taken[0]["data"]) == json.loads(new[0].model_dump_json(exclude_none=True))


async def test_a_stream_that_was_lost_goes_on_behind_the_last_event(gateway: Gateway, units: Units) -> None:
    written = [event() for _ in range(5)]
    await log(units, *written)

    taken = await Stream(gateway, **{"Last-Event-ID": written[1].id}).take(3)

    assert [one["id"] for one in taken] == [one.id for one in written[2:]]


async def test_a_stream_gives_more_than_one_batch_and_only_what_is_wanted(gateway: Gateway, units: Units) -> None:
    first = event()
    wanted = [event("payment.received") for _ in range(450)]
    await log(units, first, *wanted, event())

    taken = await Stream(gateway).take(450, after=first.id, types="payment.*")

    assert [one["id"] for one in taken] == [one.id for one in wanted]


async def test_a_stream_behind_an_unknown_event_is_refused(gateway: Gateway) -> None:
    headers = await gateway.bearer() | {"Last-Event-ID": "evt_unknown"}

    answer = await gateway.http.get("/v1/events/stream", headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_a_stream_ends_when_its_token_expires(gateway: Gateway, units: Units) -> None:
    key = SigningKey.kept_in(gateway.data_dir)
    claims = {"iss": "openitem", "aud": "openitem", "sub": "erp", "exp": time.time() + 3, "scope": "events:read"}
    headers = {"Authorization": f"Bearer {key.sign(claims)}"}
    async with asyncio.timeout(60), gateway.http.stream("GET", "/v1/events/stream", headers=headers) as answer:
        assert answer.status_code == 200
        await asyncio.sleep(3.5)
        await log(units, event())
        received = await answer.aread()

    assert received == b""
