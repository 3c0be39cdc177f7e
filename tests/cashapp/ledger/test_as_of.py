"""On every day, past or to come, the open items come to the receivables account, by company and currency."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.cashapp.driver import Cashapp
from tests.cashapp.integrity.test_conservation import DEEDS, Company

Sums = dict[tuple[str, str], Decimal]


async def receivables(cashapp: Cashapp, as_of: date) -> Sums:
    """Return the balances of the account by company and currency."""
    found: Sums = defaultdict(Decimal)
    for company in ("1000", "2000"):
        answer = await cashapp.get("/v1/ledger/trial-balance", as_of=as_of, company_code=company)
        assert answer["balanced"]
        found.update(
            {(company, row["currency"]): balance_of(row) for row in answer["data"] if row["account"] == "receivables"}
        )
    return {key: balance for key, balance in found.items() if balance}


def balance_of(row: dict[str, Any]) -> Decimal:
    return Decimal(row["balance"])


async def open_items(cashapp: Cashapp, as_of: date) -> Sums:
    """Return the sums of the balances of all open items by company and currency."""
    page = await cashapp.get("/v1/items", as_of=as_of, status="open", limit=500)
    assert page["next_cursor"] is None
    found: Sums = defaultdict(Decimal)
    for item in page["data"]:
        assert item["balance"] != "0.00"
        found[item["company_code"], item["currency"]] += balance_of(item)
    return {key: balance for key, balance in found.items() if balance}


@pytest.mark.parametrize("seed", [1])
async def test_open_items_come_to_the_receivables_account_on_every_day(cashapp: Cashapp, seed: int) -> None:
    chance, company = Random(seed), Company(cashapp)
    for number, (code, currency) in enumerate((("1000", "JPY"), ("2000", "EUR"), ("2000", "KWD"))):
        day = f"2026-0{number + 2}-11"
        await cashapp.invoice(f"X-{number}", "7000", company_code=code, currency=currency, issue_date=day)
    for _ in range(40):
        await chance.choice(DEEDS)(company, chance)

    days = [date(2026, 2, 10) + timedelta(days=number) for number in range(0, 120, 5)]
    seen = [await open_items(cashapp, day) for day in days]
    assert seen == [await receivables(cashapp, day) for day in days]
    assert len({tuple(sorted(one.items())) for one in seen}) > 4
