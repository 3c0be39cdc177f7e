"""The demo company: a seeded wholesaler with two years of invoices, loaded through the public API like any ledger."""

from pathlib import Path

from openitem.demo.company import invent
from openitem.demo.receivables_desk import scenes_of
from openitem.ledgers.command import load_into
from openitem.ledgers.loader import Loaded
from shared.days import SystemClock


async def load(base_url: str, clients_file: Path, seed: int) -> Loaded:
    """Load the company that `seed` invents as of today, with a progress bar."""
    today = SystemClock().today()
    company = invent(seed, today)
    return await load_into(base_url, clients_file, company, scenes_of(company, today))
