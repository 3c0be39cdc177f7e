"""What the tests of storage and messaging share: units of work on databases with the shared tables, a service's name."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from shared.unit_of_work import Units
from tests.support.messaging import METADATA, forget_service
from tests.support.services import copied_database


@pytest.fixture(scope="session")
async def messaging_template(database_url_factory: Callable[[str], str]) -> str:
    """A database with the shared tables, to copy."""
    url = database_url_factory("messaging")
    units = Units.connect(url, source="template")
    async with units.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await units.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
def messaging_database(postgres_url: str, messaging_template: str) -> Iterator[Callable[[], str]]:
    """Call for the URL of a copy."""
    with ExitStack() as copies:
        yield lambda: copies.enter_context(copied_database(postgres_url, messaging_template))


@pytest.fixture
async def units(messaging_database: Callable[[], str]) -> AsyncIterator[Units]:
    """Units of work of a publishing service."""
    made = Units.connect(messaging_database(), source="publisher", pool_size=20)
    yield made
    await made.close()


@pytest.fixture
async def consuming(messaging_database: Callable[[], str]) -> AsyncIterator[Units]:
    """Units of work of a consuming service, on a database of its own."""
    made = Units.connect(messaging_database(), source="consumer", pool_size=20)
    yield made
    await made.close()


@pytest.fixture
async def service(amqp_url: str) -> AsyncIterator[str]:
    """The name of a consuming service, new to the broker and forgotten by it afterwards."""
    name = f"test-{uuid4().hex[:8]}"
    yield name
    await forget_service(amqp_url, name)
