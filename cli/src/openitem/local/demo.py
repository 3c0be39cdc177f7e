"""`openitem demo`: loads the demo company into the running local system, as `openitem run` does the first time."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from openitem.demo import load
from openitem.ledgers.api import LoadRefusedError
from openitem.local.errors import CannotStartError
from openitem.local.settings import read_settings

SEED = 20_251_117


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the command line."""
    parser = commands.add_parser("demo", help="load the demo company into the running system", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="another number invents another company")
    parser.set_defaults(call=load_demo)


def load_demo(arguments: argparse.Namespace) -> int:
    """Load it, with a progress bar; raises CannotStartError when the system refuses or nobody answers."""
    settings = read_settings()
    try:
        loaded = asyncio.run(load(settings.base_url, settings.clients_file, arguments.seed))
    except (LoadRefusedError, OSError, json.JSONDecodeError) as error:
        raise CannotStartError(f"the demo company was not loaded: {error}") from error
    print(
        f"{loaded.customers} customers, {loaded.invoices} invoices, {loaded.receipts} receipts, "
        f"{loaded.disputes} disputes",
        file=sys.stderr,
    )
    return 0
