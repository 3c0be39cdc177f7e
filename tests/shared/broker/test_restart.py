"""A broker that is killed and started again: consumers come back, and nothing is lost."""

import asyncio
from pathlib import Path

from openitem.local.install import ensure_rabbitmq
from openitem.local.rabbitmq import prepare_rabbitmq, start_rabbitmq
from shared.broker import Consumer, Relay
from shared.unit_of_work import Units
from tests.support.messaging import ThingChanged, effects, eventually, note_effect, publish, running, thing


async def test_nothing_is_lost_when_the_broker_is_killed_and_comes_back(
    units: Units, consuming: Units, tmp_path: Path
) -> None:
    node = prepare_rabbitmq(tmp_path, tmp_path / "rabbitmq.log", ensure_rabbitmq(print))
    epmd, broker = await asyncio.to_thread(start_rabbitmq, node)
    consumer = Consumer(consuming, node.url, "restart", {ThingChanged: note_effect})
    relay = Relay(units, node.url, awaits=["restart"])

    async def arrived(count: int) -> bool:
        return len(await effects(consuming)) >= count

    try:
        async with running(consumer.run(), relay.run()):
            for version in range(1, 101):
                await publish(units, thing(version))
            await eventually(lambda: arrived(50))
            broker.kill()
            epmd.stop()
            await publish(units, thing(101))
            epmd, broker = await asyncio.to_thread(start_rabbitmq, node)
            await publish(units, thing(102))
            await eventually(lambda: arrived(102))
    finally:
        broker.kill()
        epmd.stop()
    assert sorted(version for _, version in await effects(consuming)) == list(range(1, 103))
