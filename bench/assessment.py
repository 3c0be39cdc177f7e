"""Assessment of 10,000 customers by a job, each with a year of items, a statement and insurance."""

import subprocess
import sys
import time
from datetime import date

from sqlalchemy import text

from bench.report import Row
from credit_service.credit_assessments.jobs import assess_customers
from credit_service.credit_assessments.use_cases import ASSESS_CUSTOMERS
from shared.database import create_engine
from shared.job_runner import JobRunner
from shared.jobs import enqueue
from shared.unit_of_work import Units
from tests.support.servers import create_database, running_postgres
from tests.support.services import REPOSITORY

RATE_MIN = 500
CUSTOMERS = 10_000
ITEMS_EACH = 24
AS_OF = "2026-11-20"

_CUSTOMERS = text(
    "insert into customers (customer_id, version, name, aliases, country, currency, payment_terms, contacts, "
    "payment_requirements, bank_accounts, search_text) "
    "select 'C-' || n, 1, 'Customer ' || n, '[]', 'DE', 'EUR', 'net 30', '[]', '{}', '[]', '' "
    "from generate_series(1, :customers) n"
)
_ACCOUNTS = text(
    "insert into credit_accounts (customer_id, currency, version, limit_state, credit_limit, risk_class, payment_terms, "
    "blocked, open_orders, delivered, open_items, special, unapplied, unconverted, limit_decided, dunning_level, "
    "broken_promises, returned_payments, insured_amount, insured_cover) "
    "select 'C-' || n, 'EUR', 1, 'amount', 50000, 'C', 'net 30', false, 0, 0, 12000, 0, 0, 0, true, 0, '{}', '{}', 30000, "
    "27000 from generate_series(1, :customers) n"
)
_ITEMS = text(
    "insert into payment_records (item_id, version, customer_id, kind, issue_date, due_date, amount, currency, settled_on, "
    "settled_by) select 'itm_' || n || '_' || i, 2, 'C-' || n, 'invoice', day, day + 30, 1000 + n % 700, 'EUR', "
    "case when i > 2 then day + 30 + (n * i) % 40 - 10 end, case when i > 2 then 'payment' end "
    "from generate_series(1, :customers) n, generate_series(1, :items) i, "
    "lateral (select cast(:as_of as date) - 15 * i as day) d"
)
_STATEMENTS = text(
    "insert into financial_statements (statement_id, customer_id, period_end, period_months, currency, units, audited, "
    "source, figures, recorded_by, recorded_at) select 'fst_' || n, 'C-' || n, date '2025-12-31', 12, 'EUR', 'thousands', "
    "true, 'report', jsonb_build_object('total_assets', '5200.00', 'fixed_assets', '2100.00', 'current_assets', '3100.00', "
    "'inventories', '900.00', 'receivables', '1200.00', 'equity', (n % 3000)::text, 'share_capital', '500.00', "
    "'retained_earnings', '800.00', 'total_liabilities', '3100.00', 'current_liabilities', '1700.00', "
    "'long_term_liabilities', '1400.00', 'revenue', '9800.00', 'prior_revenue', '9100.00', 'profit_on_sales', '700.00', "
    "'operating_profit', '640.00', 'ebit', '640.00', 'financial_expenses', '80.00', 'profit_before_tax', '560.00', "
    "'net_profit', '410.00'), 'bench', now() from generate_series(1, :customers) n"
)
_KEPT = text(
    "select (select count(*) from credit_assessments where applied), "
    "(select count(*) from credit_accounts where score is not null), (select count(*) from journal_entries), "
    "(select count(*) from outbox)"
)


async def run() -> list[Row]:
    """Time the job from its start to its success, and count what it left behind."""
    with running_postgres(durable=True) as server:
        database = create_database(server, "bench_assessment")
        _migrate(database)
        await _seed(database)
        units = Units.connect(database, source="credit-service")
        params = {
            "customer_ids": None,
            "as_of": AS_OF,
            "method": "lowest",
            "scorecard_id": "default",
            "scorecard_version": 1,
        }
        async with units.begin() as uow:
            await enqueue(uow, prefix="crj", kind=ASSESS_CUSTOMERS, requested_by="bench", params=params)
        started = time.perf_counter()
        await JobRunner(units, {ASSESS_CUSTOMERS: assess_customers}).run_next()
        rate = CUSTOMERS / (time.perf_counter() - started)
        async with units.read() as session:
            kept = tuple((await session.execute(_KEPT)).one())
        await units.close()
    whole = kept == (CUSTOMERS,) * 4
    return [
        Row(
            "Assessment of 10,000 customers by a job",
            f"≥ {RATE_MIN}/s",
            f"{rate:,.0f}/s",
            rate >= RATE_MIN and whole,
            f"each with {ITEMS_EACH} items, a statement and insurance; assessments, accounts, journal entries, events: "
            f"{', '.join(f'{count:,}' for count in kept)}",
        )
    ]


def _migrate(database: str) -> None:
    migrations = str(REPOSITORY / "services/credit-service/migrations")
    subprocess.run([sys.executable, "-m", "shared.migrate", migrations, database], check=True)


async def _seed(database: str) -> None:
    engine = create_engine(database)
    async with engine.begin() as connection:
        for statement in (_CUSTOMERS, _ACCOUNTS, _STATEMENTS):
            await connection.execute(statement, {"customers": CUSTOMERS})
        await connection.execute(
            _ITEMS, {"customers": CUSTOMERS, "items": ITEMS_EACH, "as_of": date.fromisoformat(AS_OF)}
        )
        await connection.execute(text("analyze"))
    await engine.dispose()
