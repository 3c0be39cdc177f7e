"""The ledger at two million postings: trial balance and open items of a past day beside one aggregate query, and the proof."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date
from statistics import median
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.report import Row
from cashapp_service.app import create_app
from cashapp_service.settings import CashappSettings
from shared.database import create_engine
from shared.migrate import upgrade
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY, bearer, serving, settings_for, verifier

ITEMS, PAID = 400_000, 300_000
POSTINGS = 2 * (ITEMS + 2 * PAID)
TIMES_MAX, PROOF_SECONDS_MAX = 2.0, 60.0
ROUNDS = 5
AS_OF = date(2025, 9, 30)

# Every item is issued, three of four are paid, every tenth of these by half. Two years, four companies, two currencies.
_SEED = """
set session_replication_role = replica;
create temporary table sales as
    select n, (n % 4 + 1) * 1000 company, case n % 8 when 0 then 'USD' else 'EUR' end currency, 'C-' || n % 2000 customer,
           date '2025-01-01' + n * 700 / :items issued, date '2025-01-01' + n * 700 / :items + n % 60 + 1 paid,
           100 + n % 900 amount, case when n % 10 = 0 then (100 + n % 900) / 2 else 100 + n % 900 end part
    from generate_series(1, :items) n;
create temporary table pairs as
    select 'i' || n entry, 'issue' kind, issued posted, 0 sort, company, currency, null receipt, null application,
           'issue' line_kind, 'receivables' debited, 'revenue' credited, amount, customer, 'itm' || n debit_item,
           null credit_item, null debit_receipt, null credit_receipt from sales
    union all
    select 'r' || n, 'receipt', paid, 1, company, currency, 'rcp' || n, null, 'cash', 'cash', 'unapplied_cash', part, customer,
           null, null, 'rcp' || n, 'rcp' || n from sales where n <= :paid
    union all
    select 'a' || n, 'application', paid, 2, company, currency, 'rcp' || n, 'app' || n, 'payment', 'unapplied_cash',
           'receivables', part, customer, null, 'itm' || n, 'rcp' || n, null from sales where n <= :paid;
insert into journal_entries (entry_id, kind, posting_date, value_date, company_code, currency, receipt_id, application_id,
        posted_at)
    select entry, kind, posted, posted, company, currency, receipt, application, posted from pairs order by posted, sort;
insert into journal_lines (posting_id, entry_id, position, account, kind, debit, credit, company_code, currency, posting_date,
        customer_id, item_id, receipt_id, application_id)
    select entry || side, entry, side, case side when 1 then debited else credited end,
           case when 'cash' in (debited, credited) or (debited, side) = ('unapplied_cash', 1) then 'cash' else line_kind end,
           case side when 1 then amount else 0 end, case side when 2 then amount else 0 end, company, currency, posted,
           customer, case side when 1 then debit_item else credit_item end,
           case side when 1 then debit_receipt else credit_receipt end, application
    from pairs, generate_series(1, 2) side order by posted, sort, entry;
insert into items (item_id, version, company_code, number, document_number, kind, customer_id, issue_date, posting_date,
        due_date, postable_from, last_posting_date, amount, tax_amount, balance, discount_carried, currency, status, lines,
        submission, disputed_amount, match_keys, posted_at)
    select 'itm' || n, case when n <= :paid then 2 else 1 end, company, 'RE-' || n, 'RE-' || n, 'invoice', customer, issued,
           issued, issued + 30, issued, case when n <= :paid then paid else issued end, amount, 0, balance, 0, currency,
           case balance when 0 then 'cleared' else 'open' end, '[]', 'not_required', 0, '{}', issued
    from sales, lateral (select case when n <= :paid then amount - part else amount end balance) rest;
insert into receipts (receipt_id, version, source, method, company_code, customer_id, amount, currency, value_date,
        postable_from, status, applied, on_account, unapplied, unidentified, refunded, returned, purpose, remittance,
        ledger_account, received_at)
    select 'rcp' || n, 2, 'api', 'wire', company, customer, part, currency, paid, paid, 'applied', part, 0, 0, 0, 0, 0, '',
           '[]', 'cash', paid from sales where n <= :paid;
insert into applications (application_id, version, receipt_id, customer_id, company_code, currency, posting_date, status,
        from_unapplied, from_on_account, to_on_account, method, applied_by, applied_at)
    select 'app' || n, 1, 'rcp' || n, customer, company, currency, paid, 'active', part, 0, 0, 'manual', 'bench', paid
    from sales where n <= :paid;
insert into allocations (application_id, position, item_id, number, customer_id, currency, payment, receipt_amount,
        exchange_difference, credit, discount, discount_earned, discount_taken_back, tolerance, residual,
        shortfall_amount)
    select 'app' || n, 0, 'itm' || n, 'RE-' || n, customer, currency, part, part, 0, 0, 0, 0, 0, 0, 0, 0 from sales
    where n <= :paid
"""

_TRIAL_BALANCE = (
    "select account, currency, sum(debit), sum(credit) from journal_lines where posting_date <= :as_of group by 1, 2"
)
_OPEN_ITEMS = (
    "select item_id, sum(debit - credit) from journal_lines where account = 'receivables' and posting_date <= :as_of"
    " group by 1 having sum(debit - credit) <> 0"
)


async def run() -> list[Row]:
    """Seed the postings, then measure each question and its query in turns, and the proof."""
    with running_postgres(durable=True) as server:
        database = create_database(server, "bench_ledger")
        # In a thread: it runs a loop of its own.
        await asyncio.to_thread(upgrade, REPOSITORY / "services/cashapp-service/migrations", database)
        await _seed(database)
        app = create_app(settings_for(database, CashappSettings), verifier=verifier())
        engine = create_engine(database)
        async with serving(app) as client, engine.connect() as connection:
            balance = await _ratio(client, connection, "/v1/ledger/trial-balance", {}, _TRIAL_BALANCE)
            first = {"status": "open", "limit": 500}
            items = await _ratio(client, connection, "/v1/items", first, _OPEN_ITEMS)
            proof = await _proof(client)
        await engine.dispose()
    return [
        _row("Trial balance as of a past day", balance),
        _row("Open items as of a past day, the first 500", items),
        proof,
    ]


async def _seed(database: str) -> None:
    engine = create_engine(database)
    async with engine.begin() as connection:
        for statement in _SEED.split(";\n"):
            await connection.execute(text(statement), {"items": ITEMS, "paid": PAID})
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("vacuum analyze"))
        await connection.execute(text("checkpoint"))
    await engine.dispose()


async def _ratio(
    client: httpx.AsyncClient, connection: AsyncConnection, path: str, params: dict[str, Any], query: str
) -> tuple[float, float]:
    """Return the seconds of a request and of the query, medians of turns."""

    async def ask() -> None:
        answer = await client.get(path, params=params | {"as_of": AS_OF.isoformat()}, headers=bearer("auditor"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"], "nothing was found"

    async def aggregate() -> None:
        (await connection.execute(text(query), {"as_of": AS_OF})).all()

    await ask()
    turns = [(await _seconds(ask), await _seconds(aggregate)) for _ in range(ROUNDS)]
    return median(asked for asked, _ in turns), median(summed for _, summed in turns)


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _row(name: str, seconds: tuple[float, float]) -> Row:
    asked, summed = seconds
    return Row(
        name,
        f"≤ {TIMES_MAX:.0f} × one aggregate",
        f"{asked / summed:.2f} ×",
        asked / summed <= TIMES_MAX,
        f"{POSTINGS:,} postings: request {asked * 1000:.0f} ms, aggregate query over the same table {summed * 1000:.0f} ms;"
        f" medians of {ROUNDS} turns",
    )


async def _proof(client: httpx.AsyncClient) -> Row:
    began = time.perf_counter()
    answer = await client.get("/v1/ledger/integrity", headers=bearer("auditor"))
    seconds = time.perf_counter() - began
    found = answer.json()
    broken = [law["name"] for law in found["laws"] if law["violations"]]
    assert found["ok"], f"the seeded books break {broken}"
    return Row(
        "Integrity of everything",
        f"≤ {PROOF_SECONDS_MAX:.0f} s",
        f"{seconds:.1f} s",
        seconds <= PROOF_SECONDS_MAX,
        f"{len(found['laws'])} laws over {POSTINGS:,} postings, {ITEMS:,} items, {PAID:,} receipts",
    )
