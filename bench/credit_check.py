"""Credit checks with reservation against an echo of the same body in the same process, taking turns in the same run."""

import itertools
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

import httpx
import psutil
from sqlalchemy import text

from bench.echo_app import ECHO
from bench.load import Load, drive, post
from bench.report import Row, percentile
from bench.servers import service_on
from shared.database import create_engine
from shared.ids import new_id
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY, token

SHARE_MIN = 0.85
HOT_SHARE_MIN = 0.95
P99_MAX = 5.0
FEW_CLIENTS = 16
CLIENTS = 64
ACCOUNTS = 10_000
ROUNDS = 4
ROUND_SECONDS = 5.0
FEW_ROUNDS = 3
TIGHT_LIMIT = Decimal("1000.00")
"""100 orders of 9.99 fit, and 100 of 0.01 behind them."""
CHECKS = "/v1/credit-checks"

_SEED = text(
    "insert into credit_accounts (customer_id, currency, version, limit_state, credit_limit, limit_valid_until, risk_class, "
    "payment_terms, blocked, open_orders, delivered, open_items, special, unapplied, unconverted, limit_decided, "
    "dunning_level, broken_promises, returned_payments, insured_amount, insured_cover) "
    "select customer_id, 'EUR', 1, 'amount', credit_limit, date '2099-12-31', 'C', 'net 30', false, 0, 0, 0, 0, 0, 0, true, "
    "0, '{}', '{}', 0, 0 "
    "from (select 'C-' || n, 1000000000.00 from generate_series(0, :most) n "
    "union all values ('hot', 1000000000.00), ('tight', :tight)) as a(customer_id, credit_limit)"
)
ALL_RULES = {
    "rules": [
        {"rule": "static_limit"},
        {"rule": "dynamic_limit", "horizon_days": 30},
        {"rule": "oldest_open_item", "days": 30},
        {"rule": "overdue_share", "overdue_pct": "25", "use_pct": "50"},
        {"rule": "max_document_value", "max_amount": "1000000.00"},
        {"rule": "limit_validity"},
        {"rule": "review_due"},
        {"rule": "account_blocked"},
        {"rule": "max_dunning_level", "max_level": 2},
        {"rule": "broken_promises", "days": 90},
        {"rule": "returned_payments", "days": 90},
        {"rule": "payment_terms"},
    ]
}
_OVER = text("select count(*) from credit_accounts where exposure > credit_limit")
_TRUE = text(
    "select count(*) from credit_accounts a left join (select customer_id, sum(reserved) as reserved from orders group by 1) o "
    "using (customer_id) where a.open_orders <> coalesce(o.reserved, 0)"
)


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time of one turn by request, in µs: of the api process, and of all of PostgreSQL."""

    api: float
    postgres: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The turns of each way, and what the books say afterwards."""

    loads: dict[str, list[Load]]
    few: dict[str, list[Load]]
    spent: dict[str, list[Spent]]
    over_the_limit: int
    untrue: int
    tight_exposure: Decimal

    def rate(self, way: str) -> float:
        """Median rate of a way's turns."""
        return median(load.rate for load in self.loads[way])

    def p99_ms(self, way: str) -> float:
        """99th percentile of the latencies of a way, in milliseconds."""
        return percentile((one for load in self.loads[way] for one in load.latencies), 0.99) * 1000

    def spent_us(self, way: str) -> Spent:
        """Median processor time of a way's turns, by request."""
        turns = self.spent[way]
        return Spent(median(one.api for one in turns), median(one.postgres for one in turns))

    def few_p99_ms(self, way: str) -> float:
        """The same with few clients: the median of its turns."""
        return median(percentile(load.latencies, 0.99) for load in self.few[way]) * 1000


async def run() -> list[Row]:
    """Measure echo, spread and hot in turns, then drive one account to its limit."""
    with running_postgres(durable=True) as server:
        database = create_database(server, "bench_credit")
        migrate(database)
        await seed(database)
        with service_on("bench.echo_app", database) as url:
            put_all_rules(url)
            loads, spent = await _in_turns(url, clients=CLIENTS, rounds=ROUNDS)
            few, _ = await _in_turns(url, clients=FEW_CLIENTS, rounds=FEW_ROUNDS)
            await _drive_to_the_limit(url)
        measured = await _audit(database, loads, few, spent)
    return _rows(measured)


def migrate(database: str) -> None:
    """Create credit-service's tables."""
    migrations = str(REPOSITORY / "services/credit-service/migrations")
    subprocess.run([sys.executable, "-m", "shared.migrate", migrations, database], check=True)


def _rows(measured: Measured) -> list[Row]:
    echo, spread, hot = measured.rate("echo"), measured.rate("spread"), measured.rate("hot")
    slow = measured.few_p99_ms("spread") / measured.few_p99_ms("echo")
    exact = (measured.over_the_limit, measured.untrue, measured.tight_exposure) == (0, 0, TIGHT_LIMIT)
    turns = f"{CLIENTS} clients, medians of {ROUNDS} turns of {ROUND_SECONDS:.0f} s"
    return [
        Row(
            "Credit check with all rules, key and reservation, of an echo in the same process",
            f"≥ {SHARE_MIN} ×",
            f"{spread / echo:.2f} ×",
            spread / echo >= SHARE_MIN,
            f"{spread:,.0f}/s on {ACCOUNTS:,} accounts (p99 {measured.p99_ms('spread'):.0f} ms), echo {echo:,.0f}/s; {turns}",
        ),
        Row(
            "All clients on one account, of the spread rate",
            f"≥ {HOT_SHARE_MIN} ×",
            f"{hot / spread:.2f} ×",
            hot / spread >= HOT_SHARE_MIN,
            f"{hot:,.0f}/s (p99 {measured.p99_ms('hot'):.0f} ms); {turns}",
        ),
        Row(
            f"p99 of a check at {FEW_CLIENTS} clients, of the echo's",
            f"≤ {P99_MAX:.0f} ×",
            f"{slow:.1f} ×",
            slow <= P99_MAX,
            f"{measured.few_p99_ms('spread'):.1f} ms, on one account {measured.few_p99_ms('hot'):.1f} ms, echo "
            f"{measured.few_p99_ms('echo'):.1f} ms; medians of {FEW_ROUNDS} turns of {ROUND_SECONDS:.0f} s",
        ),
        Row(
            "Processor time of the api process for a check, of the echo's",
            "",
            f"{measured.spent_us('spread').api / measured.spent_us('echo').api:.2f} ×",
            None,
            f"{_told('a check', measured.spent_us('spread'))}; {_told('on one account', measured.spent_us('hot'))}; "
            f"{_told('echo', measured.spent_us('echo'))}; {turns}",
        ),
        Row(
            "Accounts over their limit, or with a reservation that is not their orders'",
            "0",
            str(measured.over_the_limit + measured.untrue),
            exact,
            f"one account was driven against its limit of {TIGHT_LIMIT} and holds {measured.tight_exposure}",
        ),
    ]


def _told(what: str, spent: Spent) -> str:
    return f"{what} {spent.api:.0f} µs" + (f" and {spent.postgres:.0f} µs in PostgreSQL" if spent.postgres >= 1 else "")


async def seed(database: str) -> None:
    """Open the accounts."""
    engine = create_engine(database)
    async with engine.begin() as connection:
        await connection.execute(_SEED, {"most": ACCOUNTS - 1, "tight": TIGHT_LIMIT})
        await connection.execute(text("analyze"))
    await engine.dispose()


def put_all_rules(url: str) -> None:
    """Put a policy with every rule in force for the accounts."""
    headers = {"Authorization": f"Bearer {token('credit_manager')}"}
    answer = httpx.put(f"{url}/v1/credit-policies/C", json=ALL_RULES, headers=headers)
    assert answer.status_code == 200, answer.text


async def _in_turns(url: str, *, clients: int, rounds: int) -> tuple[dict[str, list[Load]], dict[str, list[Spent]]]:
    chosen = random.Random(7)
    ways = {
        "echo": orders(ECHO, lambda: f"C-{chosen.randrange(ACCOUNTS)}"),
        "spread": orders(CHECKS, lambda: f"C-{chosen.randrange(ACCOUNTS)}"),
        "hot": orders(CHECKS, lambda: "hot"),
    }
    for warm_up in ways.values():
        await drive(url, warm_up, clients=clients, seconds=1.0)
    loads: dict[str, list[Load]] = {name: [] for name in ways}
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(rounds):
        for way, next_request in ways.items():
            before = _processor_seconds()
            load = await drive(url, next_request, clients=clients, seconds=ROUND_SECONDS)
            assert set(load.statuses) == {201}, f"{way}: {load.statuses}"
            loads[way].append(load)
            api, postgres = (after - begun for after, begun in zip(_processor_seconds(), before, strict=True))
            answered = len(load.latencies)
            spent[way].append(Spent(api * 1e6 / answered, postgres * 1e6 / answered))
    return loads, spent


def _processor_seconds() -> tuple[float, float]:
    """Return what the api process and PostgreSQL have taken so far; all of them are children of this one."""
    api = postgres = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times, name = process.cpu_times(), process.name()
            if name == "postgres":
                postgres += times.user + times.system
            else:
                api += times.user + times.system
    return api, postgres


async def _drive_to_the_limit(url: str) -> None:
    for amount in ("9.99", "0.01"):
        await drive(url, orders(CHECKS, lambda: "tight", amount), clients=CLIENTS, seconds=3.0)


def orders(path: str, customer: Callable[[], str], amount: str = "1.00") -> Callable[[], bytes]:
    """Return what makes the next request: an order of its own under a key of its own."""
    credentials = token("erp")
    numbers = itertools.count()
    run_id = new_id("so")

    def next_request() -> bytes:
        order_id = f"{run_id}-{next(numbers)}"
        order = {
            "customer_id": customer(),
            "order_id": order_id,
            "amount": amount,
            "currency": "EUR",
            "requested_delivery_date": "2026-12-01",
        }
        return post(path, order, credentials, key=order_id)

    return next_request


async def _audit(
    database: str, loads: dict[str, list[Load]], few: dict[str, list[Load]], spent: dict[str, list[Spent]]
) -> Measured:
    engine = create_engine(database)
    async with engine.connect() as connection:
        over = (await connection.execute(_OVER)).scalar_one()
        untrue = (await connection.execute(_TRUE)).scalar_one()
        tight = await connection.execute(text("select exposure from credit_accounts where customer_id = 'tight'"))
        measured = Measured(loads, few, spent, over, untrue, tight.scalar_one())
    await engine.dispose()
    return measured
