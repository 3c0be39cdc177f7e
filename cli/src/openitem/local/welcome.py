"""What a new user sees once everything runs: the demo company, the address, and three lines worth trying."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import urllib.request
from pathlib import Path

from openitem.local.access import fetch_token
from openitem.local.narrator import Narrator
from openitem.local.roles import ROOT
from openitem.local.settings import DEFAULT_DATA_DIR, DEFAULT_PORT, LocalSettings

ORDER = {"order_id": "SO-TRY-1", "amount": "1250.00", "currency": "EUR"}


async def load_demo_once(settings: LocalSettings, narrator: Narrator) -> None:
    """Load the demo company unless it is already there or not wanted; in a process that ends with it."""
    marker = settings.data_dir / "demo-loaded"
    if not settings.demo or marker.exists():
        return
    narrator.quiet()
    narrator.say("loading the demo company through the public API")
    loader = await asyncio.create_subprocess_exec(sys.executable, "-m", "openitem.main", "demo")
    try:
        code = await loader.wait()
    finally:
        if loader.returncode is None:
            loader.kill()
            await loader.wait()
    if code == 0:
        marker.touch()
        narrator.done("demo company loaded")
    else:
        narrator.warn("the system runs, but without the whole demo company; try again with: openitem demo")


async def welcome(settings: LocalSettings, narrator: Narrator) -> None:
    """Say where the system is and what to try in a second terminal."""
    customer = await asyncio.to_thread(_some_customer, settings)
    narrator.say("")
    narrator.say(f"OpenItem answers at {settings.base_url} (its API: {settings.base_url}/docs)")
    narrator.say(f"clients and secrets: {settings.clients_file}    logs: {settings.logs}")
    narrator.say("worth trying, in a second terminal:")
    for line in _lines(settings, customer):
        narrator.say("")
        narrator.say(f"  {line}")
    narrator.say("")
    narrator.say("Ctrl-C stops everything; the data stays.")


def _lines(settings: LocalSettings, customer_id: str) -> list[str]:
    order = json.dumps({"customer_id": customer_id, **ORDER})
    check = f"-H 'Content-Type: application/json' -d '{order}'"
    return [
        f"curl -s {settings.base_url}/v1/credit-checks {_bearer(settings, 'erp')} {check}",
        f"curl -s '{settings.base_url}/v1/worklist?limit=5' {_bearer(settings, 'collector')}",
        f"curl -s '{settings.base_url}/v1/aging?group_by=company' {_bearer(settings, 'controller')}",
    ]


def _bearer(settings: LocalSettings, client_id: str) -> str:
    return f'-H "Authorization: Bearer $({_own_command(settings)} token {client_id})"'


def _own_command(settings: LocalSettings) -> str:
    """How this program is called from where the user stands, with the choices that are not the usual ones."""
    program = Path(sys.executable).with_name("openitem")
    choices = []
    if settings.data_dir != Path(DEFAULT_DATA_DIR).resolve():
        choices.append(f"OPENITEM_DATA_DIR={shlex.quote(str(settings.data_dir))}")
    if settings.port != DEFAULT_PORT:
        choices.append(f"OPENITEM_PORT={settings.port}")
    shown = os.path.relpath(program) if Path.cwd() == ROOT else shlex.quote(str(program))
    return " ".join([*choices, shown])


def _some_customer(settings: LocalSettings) -> str:
    """A customer that exists, so that the first check has somebody to decide about."""
    token = fetch_token(settings.base_url, settings.clients_file, "erp")
    request = urllib.request.Request(
        f"{settings.base_url}/v1/customers?limit=1", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        customers = json.load(answer)["data"]
    return str(customers[0]["customer_id"]) if customers else "C-1001"
