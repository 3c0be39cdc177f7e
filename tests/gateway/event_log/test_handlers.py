"""Events from the real broker into the log."""

from uuid import uuid4

from gateway.event_log import repository
from gateway.event_log.handlers import EVERY_EVENT
from gateway.event_log.repository import Filter
from shared.broker import Consumer, topology
from shared.broker.connection import open_channel
from shared.broker.publisher import Publisher
from shared.unit_of_work import Units
from tests.gateway.event_log.events import event
from tests.support.messaging import declare_service, eventually, forget_service, running


async def test_every_event_that_is_published_goes_into_the_log_whatever_its_type(units: Units, amqp_url: str) -> None:
    service = f"gateway-{uuid4().hex[:8]}"
    published = [event(type_, None) for type_ in ("item.posted", "order.held", "unheard.of") for _ in range(40)]
    await declare_service(amqp_url, service, topology.EVERY_TYPE)
    async with open_channel(amqp_url, "tests") as channel:
        messages = [
            (one.type, topology.message(one.id, one.type, one.model_dump_json().encode()))
            for one in [*published, published[0]]
        ]
        await Publisher(await topology.declare_exchange(channel)).publish(messages)

    async def logged() -> list[str]:
        async with units.read() as session:
            rows = await repository.after(session, 0, Filter(), most=1_000)
        return [row.event_id for row in rows if row.event_id in {one.id for one in published}]

    async def all_there() -> bool:
        return len(await logged()) == len(published)

    async with running(Consumer(units, amqp_url, service, {}, every_event=EVERY_EVENT).run()):
        await eventually(all_there)
    await forget_service(amqp_url, service)

    assert await logged() == [one.id for one in published]
