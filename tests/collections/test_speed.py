"""How long the two lists take over two years of a company's postings (2,500 items, 200 customers)."""

import time
from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.aging.domain import Buckets
from collections_service.aging.use_cases import AgingQuestion, age_receivables
from collections_service.worklists.use_cases import rank_customers
from shared.unit_of_work import Units

SECONDS_MAX = 0.1
_FILL = [
    "insert into customers select 'C-' || n, 1, 'Kunde ' || n, 'EUR', null, 'anna' from generate_series(0, 199) n",
    "insert into items select 'itm_' || n, 3, 'RE-' || n, '1000', 'invoice', 'C-' || n % 200, date '2024-12-01' + n % 700, "
    "date '2024-12-31' + n % 700, 1000, 0, 'EUR', 'open' from generate_series(1, 2500) n",
    "insert into item_postings select 'itm_' || n, 'pst_a' || n, date '2024-12-01' + n % 700, 'issue', 1000, "
    "null, null, null from generate_series(1, 2500) n",
    "insert into item_postings select 'itm_' || n, 'pst_b' || n, date '2025-01-05' + n % 700, 'payment', -1000, "
    "'rcp_' || n, 'app_' || n, date '2025-01-05' + n % 700 from generate_series(1, 2500) n where n % 9 > 0",
    "insert into receipts select 'rcp_' || n, 2, 'C-' || n % 200, '1000', 1000, 1000, 'EUR', date '2025-01-05' + n % 700, "
    "'applied' from generate_series(1, 2500) n where n % 9 > 0",
    "insert into receipt_postings select 'rcp_' || n, 'pst_' || s || n, date '2025-01-05' + n % 700, 'C-' || n % 200, "
    "'1000', 'EUR', 1000 * s from generate_series(1, 2500) n, (values (1), (-1)) v(s) where n % 9 > 0",
    "insert into activities select 'act_' || n, 'C-' || n % 200, 'call_out', 'promise', null, '', '[]', "
    "date '2025-01-05' + n % 700, null, 'anna', now() from generate_series(1, 1000) n",
    "insert into promises select 'prm_' || n, 2, 'C-' || n % 200, date '2025-01-05' + n, date '2025-01-09' + n, 2, 1000, "
    "'EUR', '[]', null, 'broken', 0, date '2025-02-05' + n, 'anna', now() from generate_series(1, 600) n",
    "analyze",
]


@pytest.fixture
async def full(units: Units) -> Units:
    async with units.begin() as uow:
        for statement in _FILL:
            await uow.session.execute(text(statement))
    return units


async def quickest(units: Units, ask: Callable[[AsyncSession], Awaitable[object]]) -> float:
    seconds = []
    for _ in range(7):
        async with units.read() as session:
            started = time.perf_counter()
            assert await ask(session)
            seconds.append(time.perf_counter() - started)
    return min(seconds)


async def test_the_worklist_of_a_company_comes_at_once(full: Units) -> None:
    seconds = await quickest(full, lambda session: rank_customers(session, as_of=date(2026, 11, 22), collector=None))

    assert seconds < SECONDS_MAX


@pytest.mark.parametrize("as_of", [date(2025, 6, 30), date(2026, 11, 22)])
async def test_the_aging_of_a_company_comes_at_once(full: Units, as_of: date) -> None:
    question = AgingQuestion(
        as_of=as_of, buckets=Buckets((30, 60, 90)), basis="due_date", group_by="customer", customer_id=None
    )

    seconds = await quickest(full, lambda session: age_receivables(session, question))

    assert seconds < SECONDS_MAX
