"""The HTTP protocol on a real socket."""

import asyncio
import gc
import json

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from shared.http.context import RequestContext
from shared.http.protocol import HEAD_BYTES_MAX, WHOLE_ANSWER
from tests.gateway.sockets import listening

MEGABYTE = 1_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("there is none")
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def answer(*parts: bytes, by: ASGIApp = app) -> bytes:
    async with listening(by) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        try:
            return await asyncio.wait_for(reader.read(), 10)
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def test_an_ordinary_head_and_a_large_body_are_taken() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: %b\r\nContent-Length: %d\r\n\r\n" % (
        b"a" * 30_000,
        MEGABYTE,
    )

    assert (await answer(head, *[b"b" * 100_000] * 10)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
    ],
    ids=["one long header", "a long address", "many headers"],
)
async def test_a_head_without_end_is_not_held(head: bytes) -> None:
    line = b"X-A: " + b"a" * 990 + b"\r\n" if head.endswith(b"\n") else b"a" * 1_000

    said = await answer(head, *[line * 16] * (MEGABYTE // 16_000))

    assert not said or said.startswith(b"HTTP/1.1 400")


async def test_what_is_no_http_is_told_so_by_a_problem() -> None:
    said = await answer(b"EHLO mail\r\n\r\n")

    head, _, body = said.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "malformed_request"
    assert str(HEAD_BYTES_MAX) in json.loads(body)["detail"]


async def test_each_request_of_a_connection_may_have_a_full_head() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: %b\r\n\r\n" % (b"a" * (HEAD_BYTES_MAX // 2))

    last = head.replace(b"Host: x", b"Host: x\r\nConnection: close")

    assert (await answer(*[head] * 4, last)).count(b"HTTP/1.1 200") == 5


WRITTEN: list[bool] = []
HEADERS = [(b"content-type", b"application/json")]


async def by_messages(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("there is none")
    await receive()
    headers = [*HEADERS, (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def in_one_piece(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("there is none")
    WRITTEN.append(scope["extensions"][WHOLE_ANSWER](201, HEADERS, b"{}"))
    if not WRITTEN[-1]:
        await by_messages(scope, receive, send)


POST = b"POST / HTTP/1.1\r\nHost: x\r\nX-Request-Id: r-1\r\nContent-Length: 2\r\n\r\n{}"
LAST = POST.replace(b"Host: x", b"Host: x\r\nConnection: close")


@pytest.mark.parametrize(
    ("parts", "written"),
    [([POST, LAST], [True, False]), ([POST + POST + LAST], [True, True, False]), ([LAST], [False])],
    ids=["one after the other", "pipelined", "the last one of a connection"],
)
async def test_an_answer_in_one_piece_is_the_answer_of_two_messages(parts: list[bytes], written: list[bool]) -> None:
    WRITTEN.clear()

    whole = await answer(*parts, by=RequestContext(in_one_piece))

    def fields(said: bytes) -> list[list[bytes]]:
        answers = said.split(b"HTTP/1.1 ")[1:]
        return [sorted(line for line in one.split(b"\r\n") if not line.startswith(b"date")) for one in answers]

    assert fields(whole) == fields(await answer(*parts, by=RequestContext(by_messages)))
    assert whole.count(b"x-request-id: r-1") == len(written)
    assert written == WRITTEN


def requests_in_memory() -> int:
    return sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects())


async def test_a_request_that_is_answered_leaves_nothing_to_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        before = requests_in_memory()

        await answer(POST, LAST, by=RequestContext(in_one_piece))

        assert requests_in_memory() == before
    finally:
        gc.enable()
