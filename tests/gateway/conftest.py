"""The gateway under test: on a migrated database of its own, in front of real or scripted services."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.migrate import upgrade
from shared.unit_of_work import Units
from tests.gateway.sockets import listening
from tests.gateway.world import Gateway, local_settings
from tests.support.services import REPOSITORY


@pytest.fixture(scope="session")
def migrated_database(database_url_factory: Callable[[str], str]) -> str:
    """The gateway's database."""
    url = database_url_factory("gateway")
    upgrade(REPOSITORY / "gateway/migrations", url)
    return url


@pytest.fixture(scope="session")
async def session_units(migrated_database: str) -> AsyncIterator[Units]:
    """Units of work for the whole session."""
    units = Units.connect(migrated_database, source="gateway")
    yield units
    await units.close()


@pytest.fixture
async def units(session_units: Units) -> Units:
    """Units of work on the gateway's database, emptied. Positions go on growing, as they do in life."""
    async with session_units.engine.begin() as connection:
        await connection.execute(text("truncate event_log, inbox, outbox, jobs, idempotency_keys"))
    return session_units


@pytest.fixture
def settings(units: Units, migrated_database: str, tmp_path: Path) -> Callable[..., GatewaySettings]:
    """Return local settings on the emptied database; services that are not named are down."""
    return lambda **changes: local_settings(tmp_path, database_url=migrated_database, **changes)


@pytest.fixture
def settings_without_database(tmp_path: Path) -> Callable[..., GatewaySettings]:
    """Return local settings for what needs no database, and has none."""
    return lambda **changes: local_settings(tmp_path, **changes)


@pytest.fixture(scope="session")
async def lone_gateway(migrated_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway whose services are all down, over a socket."""
    own = local_settings(tmp_path_factory.mktemp("gateway"), database_url=migrated_database)
    async with listening(create_app(own)) as url, Gateway.at(url, own.data_dir) as gateway:
        yield gateway


@pytest.fixture
def gateway(units: Units, lone_gateway: Gateway) -> Gateway:
    """The lone gateway, on the emptied database."""
    return lone_gateway
