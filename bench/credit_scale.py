"""A check beside a million open orders and items, against the same check beside ten thousand, in turns on two databases."""

import random
from statistics import median

from sqlalchemy import text

from bench.credit_check import CHECKS, migrate, orders, put_all_rules
from bench.load import Load, drive
from bench.report import Row, percentile
from bench.servers import service_on
from shared.database import create_engine
from tests.support.servers import create_database, running_postgres

TIMES_MAX = 1.2
DOCUMENTS_OF_EACH = 10
"""Half open orders, half open items, for each customer; so the two databases differ in nothing but their size."""
SMALL, LARGE = 1_000, 100_000
CLIENTS = 8
ROUNDS = 5
ROUND_SECONDS = 4.0

# Half of the items are past due, few enough of them to be let through.
_SEED = """
insert into credit_accounts (customer_id, currency, version, limit_state, credit_limit, limit_valid_until, risk_class,
        payment_terms, blocked, open_orders, delivered, open_items, special, unapplied, oldest_due_date, unconverted,
        limit_decided, dunning_level, broken_promises, returned_payments, insured_amount, insured_cover)
    select 'C-' || n, 'EUR', 1, 'amount', 1000000000, date '2099-12-31', 'C', 'net 30', false, 500, 0, 500, 0, 0,
        current_date - 20, 0, true, 0, '{}', '{}', 0, 0 from generate_series(0, :customers - 1) n;
insert into orders (order_id, customer_id, version, status, amount, currency, rate, open_amount, reserved,
        requested_delivery_date, checkpoint, held_reserves, decision_id, prepaid, delivered_amount, held_at)
    select 'SO-' || n || '-' || k, 'C-' || n, 1, 'approved', 100, 'EUR', 1, 100, 100, current_date + 10 * k, 'order', false,
        'chk_' || n || '-' || k, false, 0, '[]'
    from generate_series(0, :customers - 1) n, generate_series(1, 5) k;
insert into reserved_days (customer_id, delivery_date, reserved)
    select customer_id, requested_delivery_date, sum(reserved) from orders group by 1, 2;
insert into open_items (item_id, version, customer_id, order_id, kind, amount, balance, currency, due_date, rate,
        account_amount, account_balance)
    select 'itm_' || n || '-' || k, 1, 'C-' || n, null, 'invoice', 100, 100, 'EUR', current_date + 20 * (k - 2), 1, 100, 100
    from generate_series(0, :customers - 1) n, generate_series(1, 5) k
"""


async def run() -> list[Row]:
    """Measure both in turns."""
    with running_postgres(durable=True) as server:
        small, large = create_database(server, "bench_small"), create_database(server, "bench_large")
        for database, customers in ((small, SMALL), (large, LARGE)):
            migrate(database)
            await _seed(database, customers)
        with service_on("bench.echo_app", small) as few, service_on("bench.echo_app", large) as many:
            loads = await _in_turns({"few": (few, SMALL), "many": (many, LARGE)})
    seconds = {name: median(median(load.latencies) for load in turns) for name, turns in loads.items()}
    p99 = {name: median(percentile(load.latencies, 0.99) for load in turns) * 1000 for name, turns in loads.items()}
    times = seconds["many"] / seconds["few"]
    return [
        Row(
            f"A check beside {LARGE * DOCUMENTS_OF_EACH:,} open orders and items, of one beside {SMALL * DOCUMENTS_OF_EACH:,}",
            f"≤ {TIMES_MAX} ×",
            f"{times:.2f} ×",
            times <= TIMES_MAX,
            f"{LARGE:,} customers {seconds['many'] * 1000:.1f} ms (p99 {p99['many']:.0f} ms), {SMALL:,} customers "
            f"{seconds['few'] * 1000:.1f} ms (p99 {p99['few']:.0f} ms); all rules, {CLIENTS} clients, medians of {ROUNDS} "
            f"turns of {ROUND_SECONDS:.0f} s",
        )
    ]


async def _seed(database: str, customers: int) -> None:
    engine = create_engine(database)
    async with engine.begin() as connection:
        for statement in _SEED.split(";\n"):
            await connection.execute(text(statement), {"customers": customers})
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("vacuum analyze"))
        await connection.execute(text("checkpoint"))
    await engine.dispose()


async def _in_turns(sides: dict[str, tuple[str, int]]) -> dict[str, list[Load]]:
    chosen = random.Random(7)
    loads: dict[str, list[Load]] = {name: [] for name in sides}
    ways = {
        name: orders(CHECKS, lambda customers=customers: f"C-{chosen.randrange(customers)}")  # type: ignore[misc]
        for name, (_, customers) in sides.items()
    }
    for name, (url, _) in sides.items():
        put_all_rules(url)
        await drive(url, ways[name], clients=CLIENTS, seconds=2.0)
    for _ in range(ROUNDS):
        for name, (url, _) in sides.items():
            load = await drive(url, ways[name], clients=CLIENTS, seconds=ROUND_SECONDS)
            assert set(load.statuses) == {201}, load.statuses
            loads[name].append(load)
    return loads
