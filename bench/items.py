"""Posting items by batch beside COPY of the same rows, and the list of a customer with many open items beside one with few."""

import asyncio
import json
import time
from statistics import median
from typing import Any

import asyncpg
import httpx
from sqlalchemy import text

from bench.report import Row
from bench.servers import service_on
from shared.database import create_engine
from shared.migrate import upgrade
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY, bearer

COPY_SHARE_MIN = 0.3
TIMES_MAX = 3.0
DEEP_TIMES_MAX = 1.5
BATCH = 1_000
ROUNDS = 31
CUSTOMERS = 200
MANY, FEW = 10_000, 10
PAGE = 50
_TABLES = ("items", "journal_entries", "journal_lines", "outbox")
_SEED = (
    "insert into customers (customer_id, version, names, currency, payment_terms, country, payment_requirements, "
    "bank_account_fingerprints, number_keys) "
    "select 'C-' || n, 1, '[\"Handel\"]', 'EUR', '2/10 net 30', 'DE', '{}', '[]', '{}' "
    f"from generate_series(1, {CUSTOMERS}) n",
    "update customers set customer_id = 'C-MANY' where customer_id = 'C-1'",
    "update customers set customer_id = 'C-FEW' where customer_id = 'C-2'",
    "analyze customers",
)


async def run() -> list[Row]:
    """Measure on one server: batches and COPY in turns, then pages of both customers."""
    with running_postgres(durable=True) as server:
        database = create_database(server, "bench_items")
        await asyncio.to_thread(upgrade, REPOSITORY / "services/cashapp-service/migrations", database)
        await _execute(database, *_SEED)
        with service_on("bench.cashapp_app", database) as url:
            async with httpx.AsyncClient(base_url=url, timeout=60.0) as client:
                posted, copied = await _posting(client, database)
                pages = await _pages(client, database)
    return [_posting_row(posted, copied), *_page_rows(pages)]


async def _execute(database: str, *statements: str) -> None:
    engine = create_engine(database)
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def _posting(client: httpx.AsyncClient, database: str) -> tuple[float, float]:
    """Return the seconds of a batch, and of copying all rows that it wrote into bare tables: medians of turns."""
    connection = await asyncpg.connect(database.replace("+asyncpg", ""))
    try:
        for table in _TABLES:
            await connection.execute(f"create table bare_{table} as select * from {table} with no data")
        turns = []
        for turn in range(ROUNDS + 1):
            documents = [_document(f"B{turn}-{n}", f"C-{n % (CUSTOMERS - 2) + 3}") for n in range(BATCH)]
            turns.append((await _post(client, documents), await _copy(connection, turn)))
    finally:
        await connection.close()
    # The first turn compiles statements and fills caches.
    return median(one for one, _ in turns[1:]), median(one for _, one in turns[1:])


async def _copy(connection: Any, turn: int) -> float:
    """Return the seconds of one transaction that copies the rows of a turn's batch."""
    wanted = f"item_id in (select item_id from items where number like 'B{turn}-%')"
    lines = f"select entry_id from journal_lines where {wanted}"
    queries = {
        "items": f"select * from items where {wanted}",
        "journal_entries": f"select * from journal_entries where entry_id in ({lines})",
        "journal_lines": f"select * from journal_lines where entry_id in ({lines})",
        "outbox": f"select * from outbox where subject in (select item_id from items where {wanted})",
    }
    rows = {table: [tuple(row) for row in await connection.fetch(query)] for table, query in queries.items()}
    assert [len(rows[table]) // BATCH for table in _TABLES] == [1, 1, 3, 1]
    began = time.perf_counter()
    async with connection.transaction():
        for table, records in rows.items():
            await connection.copy_records_to_table(f"bare_{table}", records=records)
    return time.perf_counter() - began


def _document(number: str, customer_id: str) -> dict[str, Any]:
    return {
        "number": number,
        "kind": "invoice",
        "customer_id": customer_id,
        "issue_date": "2026-03-01",
        "currency": "EUR",
        "amount": "1190.00",
        "tax_amount": "190.00",
        "order_id": f"SO-{number}",
        "po_number": f"PO-{number}",
    }


async def _post(client: httpx.AsyncClient, documents: list[dict[str, Any]]) -> float:
    """Return the seconds from the request, as text, to its whole answer, as text: those of the client count for neither side."""
    request = json.dumps({"items": documents}).encode()
    headers = bearer("erp") | {"Content-Type": "application/json"}
    began = time.perf_counter()
    answer = await client.post("/v1/items/batch", content=request, headers=headers)
    seconds = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    assert not [one for one in answer.json()["results"] if "id" not in one]
    return seconds


async def _pages(client: httpx.AsyncClient, database: str) -> dict[str, float]:
    """Return the seconds of the first page of few items, of many, and of the last page of the many: medians of turns."""
    for first in range(0, MANY, BATCH):
        await _post(client, [_document(f"M-{first + n}", "C-MANY") for n in range(BATCH)])
    await _post(client, [_document(f"F-{n}", "C-FEW") for n in range(FEW)])
    await _execute(database, "vacuum analyze")
    deep = None
    for _ in range(MANY // PAGE - 1):
        deep = (await _page(client, "C-MANY", deep))["next_cursor"]
    asked = {"few": ("C-FEW", None), "many": ("C-MANY", None), "deep": ("C-MANY", deep)}
    turns: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (customer_id, cursor) in asked.items():
            began = time.perf_counter()
            page = await _page(client, customer_id, cursor)
            turns[name].append(time.perf_counter() - began)
            assert len(page["data"]) == (FEW if name == "few" else PAGE)
    return {name: median(seconds) for name, seconds in turns.items()}


async def _page(client: httpx.AsyncClient, customer_id: str, cursor: str | None) -> dict[str, Any]:
    params = {"customer_id": customer_id, "status": "open", "limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
    answer = await client.get("/v1/items", params=params, headers=bearer("auditor"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _posting_row(posted: float, copied: float) -> Row:
    share = copied / posted
    return Row(
        f"Items posted in lists of {BATCH:,}, of COPY of the same rows into bare tables",
        f"≥ {COPY_SHARE_MIN} ×",
        f"{share:.2f} ×",
        share >= COPY_SHARE_MIN,
        f"{BATCH / posted:,.0f} items/s over HTTP with ledger and events, COPY {BATCH / copied:,.0f}/s "
        f"of the same six rows an item, each in a transaction of {BATCH:,}; medians of {ROUNDS} turns",
    )


def _page_rows(pages: dict[str, float]) -> list[Row]:
    few, many, deep = (pages[name] for name in ("few", "many", "deep"))
    return [
        Row(
            f"First page of a customer with {MANY:,} open items, of one with {FEW}",
            f"≤ {TIMES_MAX:.0f} ×",
            f"{many / few:.2f} ×",
            many / few <= TIMES_MAX,
            f"{many * 1000:.1f} ms for {PAGE} rows, {few * 1000:.1f} ms for {FEW}; medians of {ROUNDS} turns",
        ),
        Row(
            f"The last of {MANY // PAGE} pages, of the first",
            f"≤ {DEEP_TIMES_MAX} ×",
            f"{deep / many:.2f} ×",
            deep / many <= DEEP_TIMES_MAX,
            f"{deep * 1000:.1f} ms for {PAGE} rows",
        ),
    ]
