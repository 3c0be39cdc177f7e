"""The overview over scripted services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Send

from gateway.app import create_app
from tests.gateway.scripted import Asked, ScriptedService, answering, reply, silent
from tests.gateway.sockets import listening
from tests.gateway.world import Gateway, local_settings

CUSTOMER = {"customer_id": "C 1", "name": "Nordlicht Handel"}
CREDIT = {"credit_limit": "10000.00", "currency": "EUR"}
LIST: dict[str, Any] = {"data": [], "next_cursor": None}
PARTS = ("customer", "credit", "open_items", "aging", "disputes", "promises", "activities")


@dataclass
class Scene:
    """A gateway in front of four services."""

    gateway: Gateway
    credit: ScriptedService
    cashapp: ScriptedService
    dispute: ScriptedService
    collections: ScriptedService

    async def ask(self, client: str = "collector", **params: str) -> httpx.Response:
        headers = await self.gateway.bearer(client)
        return await self.gateway.http.get("/v1/customers/C%201/overview", params=params, headers=headers)


SERVICES = ("credit", "cashapp", "dispute", "collections")


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    services = {name: ScriptedService() for name in SERVICES}
    async with AsyncExitStack() as stack:
        urls = {f"{name}_url": await stack.enter_async_context(listening(services[name])) for name in SERVICES}
        own = local_settings(tmp_path_factory.mktemp("gateway"), **urls, upstream_timeout_seconds=0.5)
        url = await stack.enter_async_context(listening(create_app(own)))
        yield Scene(await stack.enter_async_context(Gateway.at(url, own.data_dir)), **services)


@pytest.fixture
def scene(running: Scene) -> Scene:
    """The running scene, with services that answer and have been asked nothing."""
    running.credit.scripts = {
        "/v1/customers/C%201": answering(CUSTOMER),
        "/v1/customers/C%201/credit": answering(CREDIT),
    }
    running.cashapp.scripts = {"/v1/items": answering(LIST)}
    running.dispute.scripts = {"/v1/disputes": answering(LIST)}
    running.collections.scripts = {
        "/v1/aging": answering({"data": [], "totals": []}),
        "/v1/promises": answering(LIST),
        "/v1/activities": answering(LIST),
    }
    for service in (running.credit, running.cashapp, running.dispute, running.collections):
        service.asked.clear()
    return running


async def test_every_part_is_there_in_one_answer(scene: Scene) -> None:
    answer = await scene.ask(as_of="2026-03-31")

    assert answer.status_code == 200
    overview = answer.json()
    assert {part: overview[part]["status"] for part in PARTS} == dict.fromkeys(PARTS, "available")
    assert (overview["customer_id"], overview["as_of"]) == ("C 1", "2026-03-31")
    assert overview["credit"] == {"status": "available"} | CREDIT
    assert overview["customer"]["name"] == "Nordlicht Handel"


async def test_the_services_are_asked_on_behalf_of_the_caller_about_this_customer(scene: Scene) -> None:
    await scene.ask(as_of="2026-03-31")

    asked = scene.credit.asked + scene.cashapp.asked + scene.dispute.asked + scene.collections.asked
    assert {one.header("authorization") for one in asked} == {f"Bearer {await scene.gateway.token('collector')}"}
    assert {one.target for one in scene.collections.asked} >= {
        "/v1/aging?customer_id=C%201&as_of=2026-03-31&group_by=customer",
        "/v1/promises?customer_id=C%201",
    }
    assert len({one.header("x-request-id") for one in asked}) == 1


async def test_a_service_that_is_down_or_silent_leaves_its_parts_unavailable(scene: Scene) -> None:
    scene.dispute.scripts["/v1/disputes"] = answering({"status": 500}, 500)
    scene.collections.scripts["/v1/promises"] = silent
    scene.cashapp.scripts["/v1/items"] = answering({"status": 503}, 503)

    overview = (await scene.ask()).json()

    assert overview["disputes"] == overview["promises"] == overview["open_items"] == {"status": "unavailable"}
    assert overview["credit"]["status"] == overview["activities"]["status"] == "available"


async def test_without_credit_service_the_rest_is_still_shown(scene: Scene) -> None:
    for path in scene.credit.scripts:
        scene.credit.scripts[path] = answering({}, 503)

    overview = (await scene.ask()).json()

    assert overview["customer"] == overview["credit"] == {"status": "unavailable"}
    assert overview["open_items"]["status"] == "available"


async def test_an_unknown_customer_is_a_404(scene: Scene) -> None:
    scene.credit.scripts["/v1/customers/C%201"] = answering({"code": "customer_not_found"}, 404)

    answer = await scene.ask()

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")


async def test_a_part_that_the_caller_may_not_see_says_so(scene: Scene) -> None:
    scene.credit.scripts["/v1/customers/C%201/credit"] = answering({"code": "insufficient_scope"}, 403)

    assert (await scene.ask()).json()["credit"] == {"status": "forbidden"}


async def test_the_parts_are_gathered_at_the_same_time(scene: Scene) -> None:
    everyone = asyncio.Barrier(3)

    async def meet(asked: Asked, receive: Receive, send: Send) -> None:
        await everyone.wait()
        await reply(send, LIST)

    scene.cashapp.scripts["/v1/items"] = meet
    scene.dispute.scripts["/v1/disputes"] = meet
    scene.collections.scripts["/v1/promises"] = meet

    overview = (await scene.ask()).json()

    assert {overview[part]["status"] for part in PARTS} == {"available"}


async def test_nobody_sees_an_overview_without_a_token(scene: Scene) -> None:
    assert (await scene.gateway.http.get("/v1/customers/C-1/overview")).status_code == 401
    assert scene.credit.asked == []
