"""The HTTP protocol on a real socket."""

import asyncio
import json

import pytest
from starlette.types import Receive, Scope, Send

from shared.http.protocol import HEAD_BYTES_MAX
from tests.gateway.sockets import listening

MEGABYTE = 1_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("there is none")
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def answer(*parts: bytes) -> bytes:
    async with listening(app) as url:
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
