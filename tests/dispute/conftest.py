"""dispute-service under test."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from dispute_service.app import create_app
from dispute_service.settings import DisputeSettings
from shared.unit_of_work import Units
from tests.dispute.desk import Desk
from tests.dispute.ledger import Ledger
from tests.support.connections import connect
from tests.support.services import app_of, copied_database, migrated_template, serving, settings_for


@pytest.fixture(scope="session")
def dispute_template(database_url_factory: Callable[[str], str]) -> str:
    """A migrated database to copy."""
    return migrated_template(database_url_factory, "services/dispute-service/migrations")


@pytest.fixture
def dispute_database(postgres_url: str, dispute_template: str) -> Iterator[str]:
    """This test's own database."""
    with copied_database(postgres_url, dispute_template) as url:
        yield url


@pytest.fixture
async def units(dispute_database: str) -> AsyncIterator[Units]:
    """Units of work on this test's database, as the worker has them."""
    units = connect(dispute_database, source="dispute-service", pool_size=5)
    yield units
    await units.close()


@pytest.fixture
def ledger() -> Ledger:
    """What cashapp-service has and tells."""
    return Ledger()


@pytest.fixture
async def service(dispute_database: str, ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP, asking `ledger` for what it does not know."""
    settings = settings_for(dispute_database, DisputeSettings)
    with app_of(create_app, settings, transport=ledger.transport) as app:
        async with serving(app) as client:
            yield client


@pytest.fixture
def desk(service: httpx.AsyncClient, units: Units) -> Desk:
    """Opens and works cases over HTTP and hears events, in few words."""
    return Desk(service, units)
