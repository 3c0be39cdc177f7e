"""A real ledger through the public API: afterwards, aging as of any date is what arithmetic on the file gives."""

import csv
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.world import World, eventually

pytestmark = [pytest.mark.stack, pytest.mark.shared_data]

Aged = dict[str, dict[str, Decimal]]
DATES = [date(2012, 1, 31) + timedelta(days=73 * step) for step in range(11)] + [date(2013, 3, 1), date(2030, 1, 1)]


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a business day has no zone


def bucket(due_on: date, as_of: date) -> str:
    late = (as_of - due_on).days
    if late <= 0:
        return "not_due"
    return "1-30" if late <= 30 else "31-60" if late <= 60 else "61-90" if late <= 90 else "91+"


def aged_by_arithmetic(rows: list[dict[str, str]], as_of: date) -> Aged:
    """What was issued by `as_of` and not settled by then, by customer and days past due."""
    aged: Aged = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        if day(row["InvoiceDate"]) <= as_of < day(row["SettledDate"]):
            aged[row["customerID"]][bucket(day(row["DueDate"]), as_of)] += Decimal(row["InvoiceAmount"])
    return aged


async def aged_by_openitem(world: World, customers: set[str], as_of: date) -> Aged:
    aged: Aged = {}
    answer = await world.get("controller", "/v1/aging", as_of=as_of.isoformat())
    for row in answer["data"]:
        amounts = {name: Decimal(amount) for name, amount in row["amounts"].items() if Decimal(amount)}
        if row["key"] in customers:
            assert Decimal(row["unapplied"]) == 0, row
            aged |= {row["key"]: amounts} if amounts else {}
    return aged


async def test_aging_as_of_any_date_equals_arithmetic_on_the_file(world: World, shared_data: Path) -> None:
    file = shared_data / "ar-ibm-late-payment" / "ibm_accounts_receivable.csv"
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    customers = {row["customerID"] for row in rows}
    disputed = sum(1 for row in rows if row["Disputed"] == "Yes")
    clients = str(world.stack.clients_file)
    command = [sys.executable, "-m", "openitem.main", "load", "ibm-late-payment", str(file)]

    loaded = subprocess.run(  # noqa: ASYNC221 - the stack runs in processes of its own
        [*command, "--url", world.stack.base_url, "--clients", clients], capture_output=True, text=True, check=False
    )

    assert loaded.returncode == 0, loaded.stderr[-3000:]
    assert (
        f"{len(customers)} customers, {len(rows)} invoices, {disputed} disputes, {len(rows)} receipts" in loaded.stdout
    )
    assert "0 receipts wait for a person" in loaded.stdout

    async def agree() -> None:
        for as_of in DATES:
            assert await aged_by_openitem(world, customers, as_of) == aged_by_arithmetic(rows, as_of), as_of

    await eventually(agree)
    await world.books_agree()
