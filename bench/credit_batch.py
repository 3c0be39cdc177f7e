"""`credit-checks/batch` against pgbench doing the same work as one transaction per check, in turns on the same server."""

import itertools
import json
import os
import random
import re
import subprocess
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import text

from bench.credit_check import ACCOUNTS, CHECKS, migrate, orders, put_all_rules, seed
from bench.load import drive, post
from bench.report import Row
from bench.servers import service_on
from openitem.local.postgres import binaries
from shared.database import create_engine
from shared.ids import new_id
from tests.support.servers import create_database, running_postgres
from tests.support.services import token

TIMES_MIN = 3.0
BATCH = 1_000
BATCH_CLIENTS = 2
PGBENCH_CLIENTS = 16
ROUNDS = 3
ROUND_SECONDS = 5
SCRIPT = Path(__file__).with_name("pgbench_check.sql")
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_STORED = text(
    "select cast(d.facts as text), d.answer, o.body from credit_decisions d join outbox o on o.subject = d.order_id limit 1"
)


async def run() -> list[Row]:
    """Measure both in turns; pgbench writes rows as large as the service does."""
    with running_postgres(durable=True) as server:
        database = create_database(server, "bench_batch")
        migrate(database)
        await seed(database)
        with service_on("bench.echo_app", database) as url:
            put_all_rules(url)
            await drive(url, orders(CHECKS, lambda: "hot"), clients=1, seconds=0.5)
            stored = await _stored(database)
            rates: dict[str, list[float]] = {"batch": [], "pgbench": []}
            lists = _lists()
            await drive(url, lists, clients=BATCH_CLIENTS, seconds=1.0)
            for _ in range(ROUNDS):
                load = await drive(url, lists, clients=BATCH_CLIENTS, seconds=ROUND_SECONDS)
                assert set(load.statuses) == {200}, load.statuses
                rates["batch"].append(load.rate * BATCH)
                rates["pgbench"].append(_pgbench(database, stored))
    batch, single = median(rates["batch"]), median(rates["pgbench"])
    return [
        Row(
            f"Checks a second in lists of {BATCH:,}, of pgbench with one transaction per check",
            f"≥ {TIMES_MIN:.0f} ×",
            f"{batch / single:.1f} ×",
            batch / single >= TIMES_MIN,
            f"{batch:,.0f}/s from {BATCH_CLIENTS} clients, pgbench {single:,.0f}/s from {PGBENCH_CLIENTS}; "
            f"medians of {ROUNDS} turns of {ROUND_SECONDS} s",
        )
    ]


def _lists() -> Any:
    credentials, run_id = token("erp"), new_id("so")
    numbers, chosen = itertools.count(), random.Random(7)

    def next_request() -> bytes:
        checks = [
            {
                "customer_id": f"C-{chosen.randrange(ACCOUNTS)}",
                "order_id": f"{run_id}-{next(numbers)}",
                "amount": "1.00",
                "currency": "EUR",
                "requested_delivery_date": "2026-12-01",
            }
            for _ in range(BATCH)
        ]
        return post(f"{CHECKS}/batch", {"checks": checks}, credentials, key=f"{run_id}-list-{next(numbers)}")

    return next_request


async def _stored(database: str) -> dict[str, str]:
    """Return what the service has stored with a decision."""
    engine = create_engine(database)
    async with engine.connect() as connection:
        facts, answer, event = (await connection.execute(_STORED)).one()
    await engine.dispose()
    return {"facts": json.dumps(json.loads(facts)), "answer": answer, "event": event}


def _pgbench(database: str, stored: dict[str, str]) -> float:
    """Return the transactions a second of one turn."""
    at = urlsplit(database)
    url = urlunsplit(at._replace(netloc=at.netloc.replace(f":{at.password}@", "@")))
    command = [str(binaries() / "pgbench"), "-n", "-M", "prepared", "-f", str(SCRIPT), "-c", str(PGBENCH_CLIENTS)]
    command += ["-j", "2", "-T", str(ROUND_SECONDS)]
    for name, value in stored.items():
        command += ["-D", f"{name}={value}"]
    environment = os.environ | {"PGPASSWORD": at.password or ""}
    done = subprocess.run([*command, url], env=environment, capture_output=True, text=True, check=True)
    found = _TPS.search(done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
