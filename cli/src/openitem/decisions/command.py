"""`openitem replay-decisions`: makes stored credit decisions again on their facts and says which come out otherwise."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from openitem.ledgers.api import Api, LoadRefusedError
from openitem.local.settings import read_settings

ROLE = "auditor"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `replay-decisions` to the command line."""
    parser = commands.add_parser(
        "replay-decisions", help="make stored credit decisions again and compare", description=__doc__
    )
    parser.add_argument("--customer", metavar="CUSTOMER_ID", help="only this customer's")
    parser.add_argument("--since", metavar="YYYY-MM-DD", help="only decisions as of this day or later")
    parser.add_argument("--sample", type=int, default=100, metavar="PER_CENT", help="only such a share (default: all)")
    parser.add_argument("--url", help="address of the gateway (default: the local system's)")
    parser.add_argument("--clients", type=Path, help="clients.json with the secrets (default: in the data folder)")
    parser.set_defaults(call=replay_decisions)


def replay_decisions(arguments: argparse.Namespace) -> int:
    """Print what came out; 1 where a decision came out otherwise, or where nobody answers."""
    settings = read_settings()
    wanted = {"customer_id": arguments.customer, "since": arguments.since, "sample_pct": arguments.sample}
    try:
        result = asyncio.run(
            _replay(arguments.url or settings.base_url, arguments.clients or settings.clients_file, wanted)
        )
    except (LoadRefusedError, OSError) as error:
        print(f"openitem: {error}", file=sys.stderr)
        return 1
    print(
        f"{result['replayed']} decisions made again, {result['identical']} identical, {result['different']} different"
    )
    for one in result["differences"]:
        print(f"{one['decision_id']} (order {one['order_id']}): {' '.join(one['differences'])}")
    return 1 if result["different"] else 0


async def _replay(base_url: str, clients_file: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    clients = json.loads(await asyncio.to_thread(clients_file.read_text))
    async with Api(base_url, clients) as api:
        job = await api.call(ROLE, "POST", "/v1/credit-decisions/replays", anew=True, json=wanted)
        result: dict[str, Any] = (await api.finished_job(ROLE, job))["result"]
        return result
