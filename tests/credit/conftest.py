"""credit-service under test."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from shared.days import StoppedClock
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.support.connections import connect
from tests.support.services import app_of, copied_database, migrated_template, serving, settings_for


@pytest.fixture(scope="session")
def credit_template(database_url_factory: Callable[[str], str]) -> str:
    """A migrated database to copy."""
    return migrated_template(database_url_factory, "services/credit-service/migrations")


@pytest.fixture
def credit_database(postgres_url: str, credit_template: str) -> Iterator[str]:
    """This test's own database."""
    with copied_database(postgres_url, credit_template) as url:
        yield url


@pytest.fixture
async def credit(credit_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP."""
    settings = settings_for(credit_database, CreditSettings)
    with app_of(create_app, settings) as app:
        async with serving(app) as client:
            yield client


@pytest.fixture
def desk(credit: httpx.AsyncClient) -> CreditDesk:
    """The service in a few verbs."""
    return CreditDesk(credit)


@pytest.fixture
async def another_process(credit_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A second api process on the same database."""
    settings = settings_for(credit_database, CreditSettings)
    with app_of(create_app, settings) as app:
        async with serving(app) as client:
            yield client


@pytest.fixture
async def units(credit_database: str) -> AsyncIterator[Units]:
    """Units of work on this test's database, as a worker has them."""
    units = connect(credit_database, source="credit-service", clock=StoppedClock(datetime(2026, 3, 2, tzinfo=UTC)))
    yield units
    await units.close()
