"""Credit checks through the gateway against the same checks sent to credit-service directly, in the same run."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from bench.load import Load, drive, post
from bench.report import Row, percentile
from bench.servers import wait_for
from openitem.local.ports import free_port
from shared.ids import new_id
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY

SHARE_MIN = 0.5
CLIENTS = 64
ACCOUNTS = 1_000
ROUNDS = 3
ROUND_SECONDS = 6.0
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A running credit-service and the gateway in front of it."""

    credit: str
    gateway: str
    secrets: dict[str, str]

    def token(self, client_id: str) -> str:
        """Return a token of a client."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": self.secrets[client_id],
        }
        return str(httpx.post(f"{self.gateway}/oauth/token", data=form).json()["access_token"])


async def run() -> list[Row]:
    """Measure both ways in turns."""
    with (
        TemporaryDirectory(prefix="openitem-bench-") as folder,
        running_postgres(durable=True) as server,
        _pair(Path(folder), server) as pair,
    ):
        await _seed(pair)
        loads = await _in_turns(pair, _orders(pair.token("erp")))
    direct, through = (median(load.rate for load in loads[way]) for way in ("direct", "through"))
    share = through / direct
    p99 = percentile((one for load in loads["through"] for one in load.latencies), 0.99) * 1000
    return [
        Row(
            "Credit check through the gateway, of the direct rate",
            f"≥ {SHARE_MIN} ×",
            f"{share:.2f} ×",
            share >= SHARE_MIN,
            f"{CLIENTS} clients, {through:,.0f}/s through the gateway (p99 {p99:.0f} ms), {direct:,.0f}/s directly; "
            f"medians of {ROUNDS} turns of {ROUND_SECONDS:.0f} s",
        )
    ]


def _orders(token: str) -> Callable[[], bytes]:
    numbers = itertools.count()

    def next_request() -> bytes:
        number = next(numbers)
        order = {
            "customer_id": f"C-{number % ACCOUNTS}",
            "order_id": new_id("bench"),
            "amount": "1.00",
            "currency": "EUR",
        }
        return post("/v1/credit-checks", order, token)

    return next_request


async def _in_turns(pair: Pair, next_request: Callable[[], bytes]) -> dict[str, list[Load]]:
    loads: dict[str, list[Load]] = {"direct": [], "through": []}
    for _ in range(ROUNDS):
        for way, url in (("direct", pair.credit), ("through", pair.gateway)):
            load = await drive(url, next_request, clients=CLIENTS, seconds=ROUND_SECONDS)
            assert set(load.statuses) == {201}, f"{way}: {load.statuses}"
            loads[way].append(load)
    return loads


async def _seed(pair: Pair) -> None:
    """Put customers and give each a limit, over HTTP like an ERP would."""
    erp = {"Authorization": f"Bearer {pair.token('erp')}"}
    manager = {"Authorization": f"Bearer {pair.token('credit_manager')}"}
    customer = {"name": "Bench", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
    limit = {"requested_limit": "1000000.00", "currency": "EUR", "reason": "bench"}
    waiting = asyncio.Semaphore(16)

    async def one(client: httpx.AsyncClient, customer_id: str) -> None:
        async with waiting:
            put = await client.put(f"/v1/customers/{customer_id}", json=customer, headers=erp)
            given = await client.post("/v1/limit-requests", json=limit | {"customer_id": customer_id}, headers=manager)
        assert (put.status_code, given.status_code) == (201, 201), (put.text, given.text)

    async with httpx.AsyncClient(base_url=pair.credit, timeout=30) as client:
        await asyncio.gather(*(one(client, f"C-{number}") for number in range(ACCOUNTS)))


@contextmanager
def _pair(folder: Path, server: str) -> Iterator[Pair]:
    credit_port, gateway_port = free_port(), free_port()
    credit, gateway = f"http://127.0.0.1:{credit_port}", f"http://127.0.0.1:{gateway_port}"
    shared = {
        "PROFILE": "local",
        "DATA_DIR": str(folder),
        "CREDIT_URL": credit,
        "JWKS_URL": f"{gateway}/.well-known/jwks.json",
        "REQUESTS_PER_SECOND": "1000000",
        "LOG_LEVEL": "INFO",
    }
    with (
        _process("credit_service.app", credit_port, _database(server, "credit", "services/credit-service"), shared),
        _process("gateway.app", gateway_port, _database(server, "gateway", "gateway"), shared),
    ):
        for url in (credit, gateway):
            wait_for(f"{url}/healthz")
        yield Pair(credit, gateway, json.loads((folder / "clients.json").read_text()))


def _database(server: str, name: str, member: str) -> str:
    url = create_database(server, f"bench_{name}")
    migrations = str(REPOSITORY / member / "migrations")
    subprocess.run([sys.executable, "-m", "shared.migrate", migrations, url], check=True)
    return url


@contextmanager
def _process(module: str, port: int, database_url: str, settings: dict[str, str]) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENITEM_")}
    settings = settings | {"HTTP_PORT": str(port), "DATABASE_URL": database_url}
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        env=own | {f"OPENITEM_{name}": value for name, value in settings.items()},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
