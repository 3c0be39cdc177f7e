"""The gateway under test: on a migrated database of its own, in front of real or scripted services."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.unit_of_work import Units

from tests.gateway.sockets import listening
from tests.gateway.world import Gateway, local_settings
from tests.support.services import copied_database, migrated_template


@pytest.fixture(scope="session")
def gateway_template(database_url_factory: Callable[[str], str]) -> str:
    """A migrated database to copy."""
    return migrated_template(database_url_factory, "gateway/migrations")


@pytest.fixture
def gateway_database(postgres_url: str, gateway_template: str) -> Iterator[str]:
    """This test's own database."""
    with copied_database(postgres_url, gateway_template) as url:
        yield url


@pytest.fixture
async def units(gateway_database: str) -> AsyncIterator[Units]:
    """Units of work on the gateway's database."""
    units = Units.connect(gateway_database, source="gateway")
    yield units
    await units.close()


@pytest.fixture
def settings(gateway_database: str, tmp_path: Path) -> Callable[..., GatewaySettings]:
    """Return local settings on this test's database; services that are not named are down."""
    return lambda **changes: local_settings(tmp_path, database_url=gateway_database, **changes)


@pytest.fixture
def settings_without_database(tmp_path: Path) -> Callable[..., GatewaySettings]:
    """Return local settings for what needs no database, and has none."""
    return lambda **changes: local_settings(tmp_path, **changes)


@pytest.fixture
async def gateway(settings: Callable[..., GatewaySettings]) -> AsyncIterator[Gateway]:
    """A gateway whose services are all down, over a socket."""
    async with listening(create_app(settings())) as url, Gateway.at(url, settings().data_dir) as gateway:
        yield gateway
