"""The self-check of all exposures: a million open orders and items over 100,000 customers, against the sums and the owner.

The owner's half asks a cashapp-service on a database of its own over HTTP, as the worker does; it runs in this process, so that
both sides share its processor.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from sqlalchemy import text

from bench.report import Row
from cashapp_service.app import create_app
from cashapp_service.settings import CashappSettings
from credit_service.exposure_checks import use_cases
from credit_service.exposure_checks.use_cases import Found, Owner, Patience
from openitem.local.ports import free_port
from shared.database import create_engine
from shared.http.client import ServiceClient
from shared.migrate import upgrade
from shared.security import Principal
from shared.unit_of_work import Units
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY, settings_for, token, verifier

CUSTOMERS = 100_000
ORDERS = 500_000
ITEMS = 500_000
SECONDS_MAX = 60.0
ANNOUNCED = 5
"""Every fifth order has an invoice over half of it."""

_ITEMS = (
    "select 'itm_' || n, 1, 'C-' || n % :customers, case when n % :announced = 0 then 'SO-' || n end, 'invoice', 50, 50, 'EUR', "
    "date '2026-06-01' from generate_series(0, :items - 1) n"
)
_CREDIT = (
    "insert into orders (order_id, customer_id, version, status, amount, currency, rate, open_amount, reserved, checkpoint, "
    "held_reserves, decision_id, prepaid, delivered_amount, held_at) "
    "select 'SO-' || n, 'C-' || n % :customers, 1, 'approved', 100, 'EUR', 1, left_open, left_open, 'order', false, 'chk_' || n, "
    "false, 0, '[]' from (select n, case when n % :announced = 0 and n < :items then 50 else 100 end as left_open "
    "from generate_series(0, :orders - 1) n) as numbered",
    "insert into open_items (item_id, version, customer_id, order_id, kind, amount, balance, currency, due_date, rate, "
    f"account_amount, account_balance) select *, 1, 50, 50 from ({_ITEMS}) as items",
    "insert into credit_accounts (customer_id, currency, version, limit_state, credit_limit, risk_class, payment_terms, "
    "blocked, open_orders, delivered, open_items, special, unapplied, oldest_due_date, unconverted, limit_decided, "
    "dunning_level, broken_promises, returned_payments, insured_amount, insured_cover) "
    "select customer_id, 'EUR', 1, 'amount', 100000, 'C', 'net 30', false, sum(orders), 0, sum(items), 0, 0, "
    "date '2026-06-01', 0, true, 0, '{}', '{}', 0, 0 from ("
    "select customer_id, reserved as orders, 0 as items from orders "
    "union all select customer_id, 0, account_balance from open_items) as documents group by customer_id",
)
_CASHAPP = (
    "insert into items (item_id, version, customer_id, order_id, kind, amount, balance, currency, due_date, company_code, "
    "number, document_number, issue_date, posting_date, postable_from, last_posting_date, tax_amount, discount_carried, status, "
    "lines, submission, disputed_amount, match_keys, posted_at) "
    "select items.*, '1000', 'RE-' || row_number() over (), 'RE-' || row_number() over (), day, day, day, day, 0, 0, 'open', "
    "'[]', 'not_required', 0, '{}', now() "
    f"from ({_ITEMS}) as items, (values (date '2026-05-01')) as posted(day)",
)
_SIZES = {"customers": CUSTOMERS, "orders": ORDERS, "items": ITEMS, "announced": ANNOUNCED}
_SPOIL = (
    "update credit_accounts set open_items = open_items + 1 where customer_id = 'C-7'",
    "update open_items set version = 0, balance = 49 where item_id = 'itm_70000'",
    "update orders set open_amount = 1 where order_id = 'SO-77777'",
)
SPOILT = {("C-7", None), ("C-70000", "itm_70000"), ("C-77777", "SO-77777")}


async def run() -> list[Row]:
    """Fill two databases, check them, plant differences and check again."""
    with running_postgres(durable=True) as server:
        credit, cashapp = create_database(server, "bench_credit"), create_database(server, "bench_cashapp")
        await _fill(credit, "services/credit-service/migrations", _CREDIT)
        await _fill(cashapp, "services/cashapp-service/migrations", _CASHAPP)
        units = Units.connect(credit, source="credit-service")
        with _serving(cashapp) as url:
            client = ServiceClient("cashapp-service", url, timeout_seconds=60)
            healthy, own, owners = await _checked(units, client)
            async with units.begin() as uow:
                for statement in _SPOIL:
                    await uow.session.execute(text(statement))
            spoilt, _, _ = await _checked(units, client)
            await client.close()
        await units.close()
    return _rows(healthy, spoilt, own, owners)


def _rows(healthy: Found, spoilt: Found, own: float, owners: float) -> list[Row]:
    planted = {(one.customer_id, one.document) for one in spoilt.listed}
    exact = healthy.total == 0 and planted == SPOILT
    return [
        Row(
            f"Self-check of all exposures, {healthy.documents:,} documents of {healthy.accounts:,} customers",
            f"≤ {SECONDS_MAX:.0f} s",
            f"{own + owners:.1f} s",
            own + owners <= SECONDS_MAX and exact,
            f"{own:.1f} s accounts and orders against their documents, {owners:.1f} s items against their owner's over HTTP; "
            f"{healthy.total} differences, then {len(planted & SPOILT)} of {len(SPOILT)} planted ones found",
        )
    ]


async def _fill(database: str, migrations: str, statements: tuple[str, ...]) -> None:
    await asyncio.to_thread(upgrade, REPOSITORY / migrations, database)
    engine = create_engine(database)
    async with engine.begin() as connection:
        for statement in statements:
            named = {name: size for name, size in _SIZES.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)
    async with engine.begin() as connection:
        await connection.execute(text("analyze"))
    await engine.dispose()


async def _checked(units: Units, client: ServiceClient) -> tuple[Found, float, float]:
    """Return what a whole check found, and the seconds of its halves."""
    found = Found()
    caller = Principal("auditor", frozenset(), frozenset(), token("auditor"))

    async def myself() -> Principal:
        return caller

    async def progress(_: int) -> None:
        return

    started = time.monotonic()
    await use_cases.check_own(units, found)
    half = time.monotonic()
    await use_cases.check_owner(units, Owner(client, myself), found, patience=Patience(1.0, 0.2), progress=progress)
    return found, half - started, time.monotonic() - half


@contextmanager
def _serving(database: str) -> Iterator[str]:
    app = create_app(settings_for(database, CashappSettings), verifier=verifier())
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
