"""`openitem load SET FILE`: loads a real ledger into a running OpenItem, with a progress bar."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from openitem.ledgers import ibm_late_payment
from openitem.ledgers.api import Api, LoadRefusedError
from openitem.ledgers.ibm_late_payment import LedgerFileError
from openitem.ledgers.ledger import Ledger
from openitem.ledgers.loader import Loaded, Scenes, load
from openitem.local.settings import read_settings

READERS = {"ibm-late-payment": ibm_late_payment.read}


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `load` to the command line."""
    parser = commands.add_parser("load", help="load a ledger through the public API", description=__doc__)
    parser.add_argument("set", choices=sorted(READERS), help="which set the file holds")
    parser.add_argument("file", type=Path, help="the file of the set")
    parser.add_argument("--url", help="address of the gateway (default: the local system's)")
    parser.add_argument("--clients", type=Path, help="clients.json with the secrets (default: in the data folder)")
    parser.set_defaults(call=load_file)


def load_file(arguments: argparse.Namespace) -> int:
    """Load the file; 1 with one line on standard error where it cannot be read or is refused."""
    settings = read_settings()
    try:
        ledger = READERS[arguments.set](arguments.file)
        loaded = asyncio.run(
            load_into(arguments.url or settings.base_url, arguments.clients or settings.clients_file, ledger)
        )
    except (LedgerFileError, LoadRefusedError, OSError) as error:
        print(f"openitem: {error}", file=sys.stderr)
        return 1
    print(
        f"{loaded.customers} customers, {loaded.invoices} invoices, {loaded.disputes} disputes, {loaded.receipts} receipts; "
        f"{loaded.unmatched} receipts wait for a person"
    )
    return 0


async def load_into(base_url: str, clients_file: Path, ledger: Ledger, scenes: Scenes | None = None) -> Loaded:
    """Load `ledger` with a progress bar; raise `LoadRefusedError`, `OSError` where nobody answers or no secret is found."""
    clients = json.loads(await asyncio.to_thread(clients_file.read_text))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}

        def narrate(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done)

        async with Api(base_url, clients) as api:
            return await load(api, ledger, narrate, scenes)
