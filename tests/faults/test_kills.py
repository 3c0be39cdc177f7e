"""`kill -9` of any process and restarts of PostgreSQL and RabbitMQ, while sales go on.

Every process dies once; `OPENITEM_KILLS` asks for more and `OPENITEM_SEED` for a certain order (`make soak`: 100 kills).
"""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory

import pytest

from tests.faults.sales import Trade, expect_end
from tests.flows.conftest import ROLES
from tests.flows.world import World
from tests.support.stack import RunningStack, running_stack

pytestmark = pytest.mark.stack

BETWEEN_SECONDS = 1.0


def victims(stack: RunningStack, seed: int, kills: int) -> list[str]:
    """Return whom to kill, in order: everyone once in a random order, again and again."""
    random = Random(seed)
    names = sorted(name for name in stack.pids if name != "epmd")
    order: list[str] = []
    while len(order) < kills:
        order += random.sample(names, len(names))
    return order[:kills]


async def test_nothing_is_lost_or_doubled_whoever_dies_in_the_middle_of_sales() -> None:
    seed = int(os.environ.get("OPENITEM_SEED", SystemRandom().randrange(10**6)))
    print(f"OPENITEM_SEED={seed}")
    # Not pytest's folder: a second run beside this one would close it to the servers' own users.
    with TemporaryDirectory(prefix="openitem-faults-") as folder, running_stack(Path(folder)) as stack:
        kills = int(os.environ.get("OPENITEM_KILLS", len(stack.pids) - 1))
        async with AsyncExitStack() as clients:
            world = World(stack, {role: await clients.enter_async_context(stack.client(role)) for role in ROLES})
            trade = Trade(world)
            trading = asyncio.create_task(trade.run())
            for name in victims(stack, seed, kills):
                await asyncio.sleep(BETWEEN_SECONDS)
                stack.kill(name)
                await asyncio.to_thread(stack.wait_until_ready, 60.0)
                if trading.done():
                    trading.result()
            trade.stop()
            await trading
            print(f"{len(trade.sales)} sales")

            assert len(trade.sales) >= kills
            for sale in trade.sales:
                await expect_end(world, sale)
            await world.books_agree()
