"""collections-service under test."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from collections_service.app import create_app
from collections_service.settings import CollectionsSettings
from shared.unit_of_work import Units
from tests.collections.books import Books
from tests.collections.desk import Desk
from tests.collections.owners import FakeOwners
from tests.support.connections import connect
from tests.support.services import app_of, copied_database, migrated_template, serving, settings_for


@pytest.fixture(scope="session")
def collections_template(database_url_factory: Callable[[str], str]) -> str:
    """A migrated database to copy."""
    return migrated_template(database_url_factory, "services/collections-service/migrations")


@pytest.fixture
def collections_database(postgres_url: str, collections_template: str) -> Iterator[str]:
    """This test's own database."""
    with copied_database(postgres_url, collections_template) as url:
        yield url


@pytest.fixture
async def units(collections_database: str) -> AsyncIterator[Units]:
    """Units of work on this test's database, as the worker has them."""
    units = connect(collections_database, source="collections-service", pool_size=10)
    yield units
    await units.close()


@pytest.fixture
def owners() -> FakeOwners:
    """credit-service and cashapp-service, who know nothing until told."""
    return FakeOwners()


@pytest.fixture
async def service(collections_database: str, owners: FakeOwners) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP, asking `owners` for what it does not know."""
    settings = settings_for(collections_database, CollectionsSettings)
    with app_of(create_app, settings, transport=owners.transport) as app:
        async with serving(app) as client:
            yield client


@pytest.fixture
def desk(service: httpx.AsyncClient, units: Units) -> Desk:
    """Records, hears and looks in few words."""
    return Desk(service, units)


@pytest.fixture
def books() -> Books:
    """What cashapp-service would tell."""
    return Books()
