"""`openitem replay-decisions` against a gateway that answers as it is told."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from openitem.main import main

RESULT: dict[str, Any] = {"replayed": 3, "identical": 3, "different": 0, "differences": []}


class Gateway:
    """Answers a replay at once with `result`, and notes what it was asked."""

    def __init__(self) -> None:
        self.result = RESULT
        self.asked: list[tuple[dict[str, Any], str | None]] = []
        self.url = ""

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 60})

    async def replays(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json(), request.headers.get("Idempotency-Key")))
        job = {"id": "crj_1", "kind": "decision_replays.replay", "status": "succeeded", "errors": []}
        return web.json_response(job | {"result": self.result}, status=202)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    one, loop, ready = Gateway(), asyncio.new_event_loop(), threading.Event()
    app = web.Application()
    app.router.add_post("/oauth/token", one.token)
    app.router.add_post("/v1/credit-decisions/replays", one.replays)
    runner = web.AppRunner(app)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        one.url = site.name
        ready.set()

    def serve() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait(10)
    yield one
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def call(gateway: Gateway, tmp_path: Path, *more: str) -> int:
    clients = tmp_path / "clients.json"
    clients.write_text(json.dumps({"auditor": "secret"}))
    return main(["replay-decisions", "--url", gateway.url, "--clients", str(clients), *more])


def test_it_says_how_many_came_out_the_same_and_asks_anew_each_time(
    gateway: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(gateway, tmp_path, "--customer", "C-1", "--since", "2026-03-01", "--sample", "10") == 0

    assert gateway.asked == [({"customer_id": "C-1", "since": "2026-03-01", "sample_pct": 10}, None)]
    assert capsys.readouterr().out == "3 decisions made again, 3 identical, 0 different\n"


def test_it_fails_and_names_what_came_out_otherwise(
    gateway: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = {"decision_id": "chk_1", "order_id": "SO-1", "differences": ["The decision was held and is approved again."]}
    gateway.result = {"replayed": 3, "identical": 2, "different": 1, "differences": [one]}

    assert call(gateway, tmp_path) == 1

    assert "chk_1 (order SO-1): The decision was held and is approved again." in capsys.readouterr().out


def test_it_fails_where_nobody_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.json")

    assert main(["replay-decisions", "--url", "http://127.0.0.1:1", "--clients", missing]) == 1
    assert capsys.readouterr().err.startswith("openitem: ")
