from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.gateway.scripted import ScriptedService, answering
from tests.gateway.sockets import free_port, listening
from tests.gateway.world import Gateway


@pytest.fixture
async def two_processes() -> AsyncIterator[tuple[ScriptedService, list[str]]]:
    service = ScriptedService({"/readyz": answering({"status": "ready"})})
    async with listening(service) as one, listening(service) as two:
        yield service, [f"{one}/readyz", f"{two}/readyz"]


async def status(settings: GatewaySettings, path: str = "/readyz") -> int:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(listening(create_app(settings)))
        gateway = await stack.enter_async_context(Gateway.at(url, settings.data_dir))
        return (await gateway.http.get(path)).status_code


async def test_the_system_is_ready_when_every_process_says_so(
    settings: Callable[..., GatewaySettings], two_processes: tuple[ScriptedService, list[str]]
) -> None:
    assert await status(settings(ready_urls=" , ".join(two_processes[1]))) == 200


async def test_one_process_that_is_not_ready_or_not_there_makes_the_system_not_ready(
    settings: Callable[..., GatewaySettings], two_processes: tuple[ScriptedService, list[str]]
) -> None:
    service, addresses = two_processes
    gone = f"http://127.0.0.1:{free_port()}/readyz"
    assert await status(settings(ready_urls=",".join([*addresses, gone]))) == 503

    service.scripts["/readyz"] = answering({"status": "unavailable"}, 503)
    assert await status(settings(ready_urls=addresses[0])) == 503


async def test_without_its_database_the_gateway_lives_but_is_not_ready(
    settings_without_database: Callable[..., GatewaySettings], two_processes: tuple[ScriptedService, list[str]]
) -> None:
    own = settings_without_database(ready_urls=two_processes[1][0])

    assert await status(own) == 503
    assert await status(own, "/healthz") == 200


def test_where_nobody_is_named_the_services_are_asked(
    settings_without_database: Callable[..., GatewaySettings],
) -> None:
    own = settings_without_database(credit_url="http://credit")

    assert own.readiness_addresses[0] == "http://credit/readyz"
    assert len(own.readiness_addresses) == 4
