"""The proxy between a real socket and a scripted service on another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import pytest
from starlette.types import Receive, Send

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.gateway.scripted import ROUTES, Asked, ScriptedService, answering, reply, silent, take
from tests.gateway.sockets import eventually, listening
from tests.gateway.world import Gateway, local_settings

SILENCE_SECONDS = 1.0


@dataclass
class Scene:
    """A gateway, and the service behind it; cashapp-service is the same one, the others are down."""

    gateway: Gateway
    service: ScriptedService

    async def ask(self, method: str, target: str, client: str = "admin", **options: object) -> httpx.Response:
        headers = await self.gateway.bearer(client) | dict(options.pop("headers", {}))  # type: ignore[call-overload]
        return await self.gateway.http.request(method, target, headers=headers, **options)  # type: ignore[arg-type]

    async def raw(self, request: bytes) -> bytes:
        """Send bytes on a connection of their own and return everything that comes back until it ends."""
        host, port = self.gateway.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    service = ScriptedService()
    async with listening(service) as address:
        own = local_settings(
            tmp_path_factory.mktemp("gateway"),
            credit_url=address,
            cashapp_url=address,
            upstream_timeout_seconds=SILENCE_SECONDS,
        )
        async with listening(create_app(own, routes=ROUTES)) as url, Gateway.at(url, own.data_dir) as gateway:
            yield Scene(gateway, service)


@pytest.fixture
def scene(running: Scene) -> Scene:
    """The running scene, forgetful of the test before."""
    running.service.asked.clear()
    running.service.scripts.clear()
    return running


async def test_method_path_query_and_body_arrive_as_they_were_sent(scene: Scene) -> None:
    answer = await scene.ask("PUT", "/v1/things/M%C3%BCller%20%26%20Co?q=a%2Bb&q=c", content=b'{"a": 1}')

    assert answer.json() == {"ok": True}
    [asked] = scene.service.asked
    assert (asked.method, asked.target) == ("PUT", "/v1/things/M%C3%BCller%20%26%20Co?q=a%2Bb&q=c")
    assert asked.body == b'{"a": 1}'
    assert asked.header("content-length") == "8"
    assert asked.header("transfer-encoding") is None


async def test_the_services_refusal_is_handed_back_with_its_headers(scene: Scene) -> None:
    problem = {"type": "/problems/stale_version", "status": 412}
    scene.service.scripts["/v1/things/1"] = answering(
        problem, 412, [(b"etag", b'"3"'), (b"x-internal", b"secret"), (b"set-cookie", b"a=b"), (b"server", b"inner")]
    )

    answer = await scene.ask("PUT", "/v1/things/1", json={})

    assert (answer.status_code, answer.json()) == (412, problem)
    assert answer.headers["ETag"] == '"3"'
    assert not {"x-internal", "set-cookie", "server"} & set(answer.headers)


async def test_the_callers_request_id_goes_all_the_way_and_comes_back(scene: Scene) -> None:
    answer = await scene.ask("GET", "/v1/things", headers={"X-Request-Id": "order-7"})

    assert answer.headers.get_list("X-Request-Id") == ["order-7"]
    assert scene.service.asked[0].header("x-request-id") == "order-7"


async def test_a_request_without_an_id_is_given_one(scene: Scene) -> None:
    answer = await scene.ask("GET", "/v1/things", headers={"X-Request-Id": "not a plain word"})

    assert answer.headers["X-Request-Id"].startswith("req_")
    assert scene.service.asked[0].header("x-request-id") == answer.headers["X-Request-Id"]


async def test_a_redirect_is_handed_back_not_followed(scene: Scene) -> None:
    scene.service.scripts["/v1/things"] = answering({}, 303, [(b"location", b"/v1/things/1")])

    answer = await scene.ask("GET", "/v1/things")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/v1/things/1")
    assert len(scene.service.asked) == 1


async def test_64_requests_are_under_way_at_the_same_time(scene: Scene) -> None:
    everyone = asyncio.Barrier(64)

    async def meet(asked: Asked, receive: Receive, send: Send) -> None:
        await everyone.wait()
        await reply(send, {})

    scene.service.scripts["/v1/things"] = meet
    headers = await scene.gateway.bearer()
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=scene.gateway.url, limits=limits, timeout=20) as client:
        answers = await asyncio.gather(*(client.get("/v1/things", headers=headers) for _ in range(64)))

    assert {answer.status_code for answer in answers} == {200}


async def test_an_upload_reaches_the_service_while_the_client_still_sends(scene: Scene) -> None:
    arrived = asyncio.Event()

    async def note_beginning(asked: Asked, receive: Receive, send: Send) -> None:
        first = await receive()
        assert first["more_body"]
        arrived.set()
        await take(asked, receive)
        await reply(send, {"bytes": len(first["body"]) + len(asked.body)}, 202)

    async def body() -> AsyncIterator[bytes]:
        yield b"a" * 200_000
        await asyncio.wait_for(arrived.wait(), 5)
        yield b"b" * 200_000

    scene.service.scripts["/v1/uploads"] = note_beginning
    answer = await scene.ask("POST", "/v1/uploads", content=body())

    assert answer.json() == {"bytes": 400_000}


async def test_a_long_upload_with_a_length_arrives_whole_with_that_length(scene: Scene) -> None:
    content = bytes(range(256)) * 8_000

    answer = await scene.ask("POST", "/v1/uploads", content=content)

    [asked] = scene.service.asked
    assert answer.status_code == 200
    assert asked.body == content
    assert asked.header("content-length") == str(len(content))


async def test_a_long_answer_is_handed_on_as_it_comes(scene: Scene) -> None:
    seen = asyncio.Event()

    async def in_two_parts(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.wait_for(seen.wait(), 5)
        await send({"type": "http.response.body", "body": b"second"})

    scene.service.scripts["/v1/things"] = in_two_parts
    headers = await scene.gateway.bearer()
    received = b""
    async with scene.gateway.http.stream("GET", "/v1/things", headers=headers) as answer:
        async for part in answer.aiter_bytes():
            received += part
            seen.set()

    assert received == b"firstsecond"


async def test_a_service_that_is_down_is_named_and_the_others_still_answer(
    settings_without_database: Callable[..., GatewaySettings],
) -> None:
    async with listening(ScriptedService()) as address:
        own = settings_without_database(credit_url=address)
        async with listening(create_app(own, routes=ROUTES)) as url, Gateway.at(url, own.data_dir) as gateway:
            headers = await gateway.bearer()
            down = await gateway.http.post("/v1/uploads", headers=headers, content=b"x" * 500_000)
            up = await gateway.http.get("/v1/things", headers=headers)

    assert (down.status_code, up.status_code) == (503, 200)
    assert down.headers["Content-Type"] == "application/problem+json"
    assert down.headers["Retry-After"] == "1"
    assert down.json()["code"] == "service_unavailable"
    assert "cashapp-service" in down.json()["detail"]


async def test_a_service_that_stays_silent_is_given_up(scene: Scene) -> None:
    scene.service.scripts["/v1/things"] = silent

    answer = await scene.ask("GET", "/v1/things")

    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_an_answer_that_breaks_off_is_broken_off_for_the_client(scene: Scene) -> None:
    async def die_in_the_middle(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"200000")]})
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})

    scene.service.scripts["/v1/things"] = die_in_the_middle

    with pytest.raises(httpx.RemoteProtocolError):
        await scene.ask("GET", "/v1/things")


async def test_a_short_answer_that_breaks_off_is_a_503_for_nothing_of_it_was_shown(scene: Scene) -> None:
    async def die_in_the_middle(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"20")]})
        await send({"type": "http.response.body", "body": b'{"a"', "more_body": True})

    scene.service.scripts["/v1/things"] = die_in_the_middle

    assert (await scene.ask("GET", "/v1/things")).status_code == 503


async def test_an_upload_that_breaks_off_is_broken_off_for_the_service(scene: Scene) -> None:
    token = await scene.gateway.token()
    host, port = scene.gateway.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n".encode()
        + b"x" * 300_000
    )
    await writer.drain()
    await eventually(lambda: bool(scene.service.asked))
    writer.close()
    await eventually(lambda: scene.service.asked[0].broken_off)

    assert len(scene.service.asked[0].body) < 1_000_000


async def test_a_refusal_in_the_middle_of_an_upload_reaches_the_client(scene: Scene) -> None:
    async def refuse_at_once(asked: Asked, receive: Receive, send: Send) -> None:
        await receive()
        await reply(send, {"code": "imports_paused"}, 409)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"a" * 100_000
            await asyncio.sleep(0.01)

    scene.service.scripts["/v1/uploads"] = refuse_at_once

    answer = await scene.ask("POST", "/v1/uploads", content=body())

    assert (answer.status_code, answer.json()) == (409, {"code": "imports_paused"})


async def test_a_service_that_came_back_is_reached_over_a_new_connection(
    settings_without_database: Callable[..., GatewaySettings],
) -> None:
    service = ScriptedService()
    async with listening(service) as address:
        port = int(address.rsplit(":", 1)[1])
    own = settings_without_database(credit_url=address)
    async with listening(create_app(own, routes=ROUTES)) as url, Gateway.at(url, own.data_dir) as gateway:
        headers = await gateway.bearer()
        statuses = []
        for _ in range(2):
            async with listening(service, port=port):
                statuses.append((await gateway.http.get("/v1/things", headers=headers)).status_code)
            statuses.append((await gateway.http.get("/v1/things", headers=headers)).status_code)

    assert statuses == [200, 503, 200, 503]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_larger_than_the_address_takes_is_refused(scene: Scene, announced: bool) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"a" * 100_000

    content = b"a" * 5_000_000 if announced else body()
    answer = await scene.ask("POST", "/v1/uploads", content=content)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert all(asked.broken_off for asked in scene.service.asked)


async def test_without_a_token_the_service_is_not_asked(scene: Scene) -> None:
    answer = await scene.gateway.http.get("/v1/things")

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert scene.service.asked == []


async def test_a_token_without_the_scope_is_refused_at_the_edge(scene: Scene) -> None:
    answer = await scene.ask("POST", "/v1/things", client="collector", json={})

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert "credit:check" in answer.json()["detail"]
    assert scene.service.asked == []


@pytest.mark.parametrize(
    "path",
    ["/v1//things", "/v1/things/%2e%2e/x", "/v1/things/a%2Fb", "/v1/things/a%5cb", "/v1/things/%00", "//v1/things"],
)
async def test_a_path_with_a_trick_in_it_is_refused(scene: Scene, path: str) -> None:
    token = await scene.gateway.token()
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"

    answer = await scene.raw(head.encode())

    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"path_not_plain" in answer
    assert scene.service.asked == []


async def test_any_character_arrives_as_it_was_sent_or_is_refused_at_the_edge(scene: Scene) -> None:
    token = await scene.gateway.token()
    odd = [chr(code) for code in range(33, 127)] + ["%zz", "%", "%41", "%c3%bc", "a:b@c", "[", "a;b=c", "=", "&&", "?"]
    for text in odd:
        for target in (f"/v1/things/x{text}y", f"/v1/things?q={text}"):
            scene.service.asked.clear()
            head = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
            status = int((await scene.raw(head.encode())).split(b" ")[1])
            arrived = [asked.target for asked in scene.service.asked]
            assert (status, arrived) in (
                (200, [target]),
                (200, [target.partition("#")[0]]),
                (200, [target.removesuffix("?")]),
                (400, []),
                (404, []),
            ), target


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 5\r\nTransfer-Encoding : chunked\r\n",
    ],
)
async def test_a_request_whose_end_could_be_read_in_two_ways_is_not_passed_on(scene: Scene, framing: str) -> None:
    token = await scene.gateway.token()
    smuggled = "0\r\n\r\nGET /v1/things/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    head = f"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{framing}\r\n"

    answer = await scene.raw((head + smuggled).encode())

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert scene.service.asked == []


async def test_a_chunked_body_has_a_length_further_in_so_that_nothing_is_left_to_read_differently(scene: Scene) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"a"'
        yield b": 1}"

    await scene.ask("POST", "/v1/things", content=body(), headers={"Connection": "keep-alive, Idempotency-Key"})

    [asked] = scene.service.asked
    assert asked.body == b'{"a": 1}'
    assert (asked.header("content-length"), asked.header("transfer-encoding")) == ("8", None)


async def test_an_unknown_address_is_a_404_problem_and_another_method_a_405(scene: Scene) -> None:
    unknown = await scene.ask("GET", "/v1/events/")
    other = await scene.ask("DELETE", "/v1/things")

    assert (unknown.status_code, unknown.headers["Content-Type"]) == (404, "application/problem+json")
    assert (other.status_code, other.headers["Allow"]) == (405, "GET, POST")
    assert scene.service.asked == []


async def test_a_client_that_is_too_fast_is_told_when_to_come_back(
    settings_without_database: Callable[..., GatewaySettings],
) -> None:
    async with listening(ScriptedService()) as address:
        own = settings_without_database(credit_url=address, requests_per_second=2)
        async with listening(create_app(own, routes=ROUTES)) as url, Gateway.at(url, own.data_dir) as gateway:
            headers = await gateway.bearer("erp")
            answers = [await gateway.http.get("/v1/things", headers=headers) for _ in range(3)]
            events = await gateway.http.get("/v1/events", headers=headers)
            other = await gateway.http.get("/v1/things", headers=await gateway.bearer("collector"))

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == events.json()["code"] == "too_many_requests"
    assert answers[2].headers["Retry-After"] == events.headers["Retry-After"] == "1"
    assert other.status_code == 200


async def test_a_request_is_counted_under_its_route_not_under_its_address(scene: Scene) -> None:
    await scene.ask("PUT", "/v1/things/one-of-very-many", json={})

    counted = (await scene.gateway.http.get("/metrics")).text

    assert 'route="/v1/things/{thing_id}"' in counted
    assert "one-of-very-many" not in counted
