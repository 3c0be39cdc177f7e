"""The running system that the flows share, with an integrator listening from the start."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.flows.world import Integrator, World
from tests.support.bureaus import Bureau, running_bureau
from tests.support.stack import RunningStack

ROLES = (
    "erp",
    "collector",
    "ar_specialist",
    "credit_analyst",
    "credit_manager",
    "credit_manager_2",
    "dispute_coordinator",
    "controller",
    "controller_2",
    "auditor",
    "admin",
)


@pytest.fixture(scope="session")
async def integrator(stack: RunningStack) -> AsyncIterator[Integrator]:
    """An integrator whose queue was bound before anything happened."""
    listener = Integrator()
    async with listener.listening(stack.amqp_url):
        yield listener


@pytest.fixture(scope="session")
async def world(stack: RunningStack, integrator: Integrator) -> AsyncIterator[World]:
    """The system with a client per role."""
    async with AsyncExitStack() as clients:
        yield World(stack, {role: await clients.enter_async_context(stack.client(role)) for role in ROLES})


@pytest.fixture(scope="session")
async def bureau(bureau_port: int) -> AsyncIterator[Bureau]:
    """The stand-in bureaus that the system asks."""
    async with running_bureau(bureau_port) as bureau:
        yield bureau


@pytest.fixture(scope="session")
def event_schemas() -> dict[str, Draft202012Validator]:
    """What checks an event of each type against its published schema."""
    folder = Path(__file__).resolve().parents[2] / "docs" / "events"
    return {
        file.name.removesuffix(".v1.json"): Draft202012Validator(json.loads(file.read_text()))
        for file in folder.glob("*.v1.json")
    }
