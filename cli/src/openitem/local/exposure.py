"""`openitem check-exposures` and `openitem repair-exposure CUSTOMER`: whether exposures are right, and the remedy."""

from __future__ import annotations

import argparse
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from openitem.local.access import fetch_token
from openitem.local.errors import CannotStartError
from openitem.local.settings import read_settings

CLIENT = "credit_manager"
POLL_SECONDS = 0.5


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both to the command line."""
    check = commands.add_parser("check-exposures", help="compare all exposures with the documents of their owners")
    check.set_defaults(call=check_exposures)
    repair = commands.add_parser("repair-exposure", help="repair one customer's exposure and say what was changed")
    repair.add_argument("customer", help="the ERP's customer number")
    repair.set_defaults(call=repair_exposure)
    for parser in (check, repair):
        parser.add_argument("--url", help="address of the gateway (default: the local system's)")
        parser.add_argument("--clients", type=Path, help="clients.json with the secrets (default: in the data folder)")


def check_exposures(arguments: argparse.Namespace) -> int:
    """Run the self-check and print what it found; 1 where anything is wrong."""
    ask = _Asker(arguments)
    job = ask("POST", "/v1/exposure-checks")
    while job["status"] in ("queued", "running"):
        time.sleep(POLL_SECONDS)
        job = ask("GET", f"/v1/jobs/{job['id']}")
    if job["status"] == "failed":
        raise CannotStartError("; ".join(error["detail"] for error in job["errors"]))
    result = job["result"]
    for one in result["differences"]:
        where = " ".join(filter(None, (one["customer_id"], one["category"], one["document"])))
        print(f"{where}: {one['ours']}, should be {one['theirs']}. {one['why']}")
    owner = "compared with their owner" if result["compared_with_owner"] else "not compared with their owner"
    print(
        f"{result['accounts']} accounts, {result['documents']} documents, {owner}: "
        f"{result['differences_total']} differences"
    )
    return 1 if result["differences_total"] else 0


def repair_exposure(arguments: argparse.Namespace) -> int:
    """Repair a customer and print what changed, until nothing remains."""
    ask = _Asker(arguments)
    path = f"/v1/customers/{urllib.parse.quote(arguments.customer, safe='')}/exposure/repair"
    while True:
        done = ask("POST", path)
        for one in done["documents"]:
            print(f"{one['document']}: {one['old']} -> {one['new']}. {one['why']}")
        for part in done["exposure"]:
            print(f"{part['category']}: {part['old']} -> {part['new']}")
        if not done["remaining"]:
            break
    if not done["changed"]:
        print(f"{arguments.customer} is as it should be")
    return 0


class _Asker:
    """Asks the gateway as the one who may repair."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        settings = read_settings()
        self._base_url = arguments.url or settings.base_url
        self._token = fetch_token(self._base_url, arguments.clients or settings.clients_file, CLIENT)

    def __call__(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(f"{self._base_url}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise CannotStartError(_detail(error)) from error
        except OSError as error:
            raise CannotStartError(f"{self._base_url} does not answer: {error}") from error


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the gateway answered {error.code}"
