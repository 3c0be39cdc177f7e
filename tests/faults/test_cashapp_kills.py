"""`kill -9` of cashapp-service's own processes at any instant, between any two steps of a request: nothing is lost or doubled.

Each customer's deeds go on meanwhile, every request repeated under its key until it is answered, and so do decided disputes,
each told twice. `OPENITEM_KILLS` asks for more kills, `OPENITEM_SEED` for certain deeds.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Protocol, cast

import asyncpg
import msgspec
import pytest

from cashapp_service.settings import CashappSettings
from shared.broker import topology
from shared.broker.connection import open_channel
from shared.events.dispute import DisputedItem, DisputeResolved, DisputeState
from shared.events.envelope import wrap
from shared.unit_of_work import Units
from tests.cashapp.conftest import cashapp_database, cashapp_template  # noqa: F401 - fixtures
from tests.cashapp.integrity.deeds import OVER_HTTP, draw
from tests.cashapp.integrity.sequences import Cohort, expected
from tests.cashapp.integrity.snapshots import Snapshots
from tests.cashapp.integrity.steps import Desk, Post, Return
from tests.faults.processes import PATIENCE_SECONDS, Insistent, Processes, running_processes
from tests.support.messaging import declare_service, deliver, eventually, forget_service

KILLS = int(os.environ.get("OPENITEM_KILLS", "5"))
SEED = int(os.environ.get("OPENITEM_SEED", "20261122"))
LANES = 4
BETWEEN_SECONDS = 0.8
CREDITED = 10_00
"""What each decided dispute gives, in the smallest coin."""


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[str]:
    """The queues of those who hear events; the gateway's hears all. Without them the relay waits."""
    for service in topology.CONSUMERS:
        await forget_service(amqp_url, service)
        await declare_service(amqp_url, service, *(["#"] if service == "gateway" else []))
    yield amqp_url
    for service in topology.CONSUMERS:
        await forget_service(amqp_url, service)


class Going(Protocol):
    """What goes on while processes die."""

    async def live(self, stopping: asyncio.Event) -> None:
        """Go on until told to stop."""


class Lane(Going):
    """One customer, whose deeds go on until told to stop."""

    def __init__(self, desk: Desk, caller: Insistent, cohort: Cohort) -> None:
        self._desk = desk
        self._caller = caller
        self._cohort = cohort
        self.deeds = 0

    async def live(self, stopping: asyncio.Event) -> None:
        """Do one thing after the other; each comes out as the books say."""
        while not stopping.is_set():
            step = draw(self._desk, OVER_HTTP)
            self._desk.books, refusal = expected(self._desk.books, step)
            answer = await self._caller.post(*step.ask(self._desk), by=step.by)
            if answer.is_success:
                step.heard(self._desk, answer.json())
            code = None if answer.is_success else answer.json()["code"]
            assert code in (refusal.codes if refusal else {None}), f"{step}: expected {refusal}, {answer.text}"
            if isinstance(step, Return):
                await self._cohort.learn_recharges()
            self.deeds += 1


class Disputes(Going):
    """A customer whose invoices are disputed and credited: each decision is told twice to a worker that may be dead."""

    def __init__(self, desk: Desk, caller: Insistent, amqp_url: str) -> None:
        self._desk = desk
        self._caller = caller
        self._amqp_url = amqp_url
        self.cases: list[str] = []

    async def live(self, stopping: asyncio.Event) -> None:
        """Post an invoice, have it disputed and credited in part, again and again."""
        while not stopping.is_set():
            invoice = Post(self._desk.new_key("D"), "invoice", 100_00, date(2026, 3, 1), None)
            invoice.expect(self._desk.books)
            answer = await self._caller.post(*invoice.ask(self._desk))
            invoice.heard(self._desk, answer.json())
            number = f"DSP-{len(self.cases) + 1}"
            event = wrap(
                self._decided(number, answer.json()), source="tests", at=datetime.now(UTC), correlation_id=None
            )
            await deliver(self._amqp_url, "cashapp-service", event, event)
            self._desk.books.credit(f"CM-{number}", invoice.key, CREDITED, date(2026, 3, 9))
            self.cases.append(number)

    def _decided(self, number: str, item: dict[str, Any]) -> DisputeResolved:
        amount = self._desk.amount(CREDITED)
        disputed = DisputedItem(
            item_id=item["id"],
            number=item["number"],
            original_amount=amount,
            disputed_amount=amount,
            credited_amount=Decimal(0),
            paid_amount=Decimal(0),
        )
        state = DisputeState(
            dispute_id=f"dsp_{number}",
            number=number,
            customer_id=self._desk.customer_id,
            status="resolved",
            reason_code="damage",
            source="call",
            currency=self._desk.currency,
            disputed_amount=amount,
            items=[disputed],
            opened_on=date(2026, 3, 5),
            due_on=date(2026, 4, 5),
            outcome="valid",
            resolution="credit_memo",
            resolved_amount=amount,
            resolved_on=date(2026, 3, 9),
        )
        return DisputeResolved(version=2, dispute=state)

    async def credited(self, connection: "asyncpg.Connection[Any]") -> bool:
        """Tell whether every decision was posted, and learn the ids of the credit memos."""
        rows = await connection.fetch("select number, item_id from items where number like 'CM-%'")
        self._desk.ids.update({row[0]: row[1] for row in rows})
        return len(rows) >= len(self.cases)


async def killing(processes: Processes, caller: Insistent, chance: Random) -> None:
    """Kill whomever, whenever."""
    for _ in range(KILLS):
        await asyncio.sleep(chance.random() * BETWEEN_SECONDS)
        victim = chance.choice((*processes.names, processes.WORKER))
        await asyncio.to_thread(processes.kill, victim)
        if victim != processes.WORKER:
            # The other api works on; killing both at once would only show that nobody answers.
            await caller.wait_until_ready(victim)


async def heard(amqp_url: str) -> Counter[str]:
    """Return how often each event came to the queue that hears all."""
    ids: Counter[str] = Counter()
    async with open_channel(amqp_url, "tests") as channel:
        queue = await channel.declare_queue("gateway", passive=True)
        while (message := await queue.get(fail=False)) is not None:
            ids[msgspec.json.decode(message.body)["id"]] += 1
            await message.ack()
    return ids


@pytest.fixture
async def connection(cashapp_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:  # noqa: F811
    """A connection past the service."""
    connection = await asyncpg.connect(cashapp_database)
    yield connection
    await connection.close()


@pytest.fixture
async def cohort(cashapp_database: str, connection: "asyncpg.Connection[Any]") -> AsyncIterator[Cohort]:  # noqa: F811
    """The customers with the books that they should have; the last one's invoices are disputed."""
    units = Units.connect(cashapp_database, source="cashapp-service", pool_size=4)
    settings = CashappSettings(profile="local", database_url=cashapp_database)
    cohort = Cohort(units, units, await Snapshots.of(connection), settings, seed=SEED, size=LANES + 1)
    await cohort.begin()
    yield cohort
    await units.close()


async def test_killed_at_any_instant_the_ledger_loses_and_doubles_nothing(
    cashapp_database: str,  # noqa: F811
    connection: "asyncpg.Connection[Any]",
    broker: str,
    cohort: Cohort,
) -> None:
    print(f"OPENITEM_SEED={SEED}")
    chance, stopping = Random(SEED), asyncio.Event()
    with TemporaryDirectory(prefix="openitem-kills-") as folder:
        async with (
            running_processes(Path(folder), database_url=cashapp_database, amqp_url=broker) as processes,
            Insistent(processes, chance) as caller,
        ):
            lanes = [Lane(desk, caller, cohort) for desk in cohort.desks[:-1]]
            disputes = Disputes(cohort.desks[-1], caller, broker)
            async with asyncio.TaskGroup() as going_on:
                for one in cast(list[Going], [*lanes, disputes]):
                    going_on.create_task(one.live(stopping))
                await killing(processes, caller, chance)
                stopping.set()
            await eventually(lambda: disputes.credited(connection), seconds=PATIENCE_SECONDS)
            await eventually(lambda: _all_published(connection), seconds=PATIENCE_SECONDS)

    await cohort.compare()
    await cohort.compare_journals()
    await cohort.hear_all_events()
    await cohort.prove()
    written = {row[0] for row in await connection.fetch("select event_id from outbox")}
    assert written == (await heard(broker)).keys()
    deeds = sum(lane.deeds for lane in lanes)
    print(f"{processes.kills} kills, {deeds} deeds, {caller.repeats} repeats, {len(disputes.cases)} credits")
    assert deeds > KILLS


async def _all_published(connection: "asyncpg.Connection[Any]") -> bool:
    return not await connection.fetchval("select count(*) from outbox where published_at is null")
