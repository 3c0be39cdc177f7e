"""cashapp-service under test."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.cashapp.driver import Cashapp, cashapp_on
from tests.support.services import copied_database, migrated_template


@pytest.fixture(scope="session")
def cashapp_template(database_url_factory: Callable[[str], str]) -> str:
    """A migrated database to copy."""
    return migrated_template(database_url_factory, "services/cashapp-service/migrations")


@pytest.fixture
def cashapp_database(postgres_url: str, cashapp_template: str) -> Iterator[str]:
    """This test's own database."""
    with copied_database(postgres_url, cashapp_template) as url:
        yield url


@pytest.fixture
async def cashapp(cashapp_database: str) -> AsyncIterator[Cashapp]:
    """The service over HTTP, with its jobs done on demand."""
    async with cashapp_on(cashapp_database) as cashapp:
        yield cashapp


@pytest.fixture(scope="module")
async def books(postgres_url: str, cashapp_template: str) -> AsyncIterator[Cashapp]:
    """The service with one database for all tests of a file, which use documents of their own; at the end every law holds."""
    with copied_database(postgres_url, cashapp_template) as url:
        async with cashapp_on(url) as cashapp:
            yield cashapp
            assert await cashapp.violations() == []
            await cashapp.trial_balance()
