"""What a new user sees once everything runs: the demo company, the address, and three lines worth trying."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import urllib.request
from pathlib import Path
from typing import Any

from openitem.local.access import fetch_token
from openitem.local.errors import CannotStartError
from openitem.local.narrator import Narrator
from openitem.local.roles import ROOT
from openitem.local.settings import DEFAULT_DATA_DIR, DEFAULT_PORT, LocalSettings

ORDER = {"order_id": "SO-TRY-1", "amount": "800.00"}


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
    try:
        customer = await asyncio.to_thread(_customer_to_try, settings)
    except (OSError, CannotStartError) as error:
        narrator.warn(f"could not look for a customer to try: {error}")
        customer = None
    narrator.say("")
    narrator.say(f"OpenItem answers at {settings.base_url} (its API: {settings.base_url}/docs)")
    narrator.say(f"clients and secrets: {settings.clients_file}    logs: {settings.logs}")
    narrator.say("worth trying, in a second terminal:")
    for line in _lines(settings, customer):
        narrator.say("")
        narrator.say(f"  {line}")
    narrator.say("")
    narrator.say("Ctrl-C stops everything; the data stays.")


def _lines(settings: LocalSettings, customer: dict[str, str] | None) -> list[str]:
    """Three requests: a credit check first where there is somebody to check, else what makes one possible."""
    if customer is None:
        body = {"name": "Nordwind GmbH", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
        limit = {"customer_id": "C-1", "requested_limit": "5000.00", "currency": "EUR", "reason": "first order"}
        return [
            _curl(settings, "erp", "/v1/customers/C-1", body, method="PUT"),
            _curl(settings, "credit_manager", "/v1/limit-requests", limit),
            _curl(settings, "erp", "/v1/credit-checks", {"customer_id": "C-1", "currency": "EUR", **ORDER}),
        ]
    return [
        _curl(settings, "erp", "/v1/credit-checks", customer | ORDER),
        _curl(settings, "collector", "/v1/worklist?limit=5"),
        _curl(settings, "controller", "/v1/aging?group_by=company"),
    ]


def _curl(settings: LocalSettings, client_id: str, path: str, body: object = None, *, method: str = "") -> str:
    parts = ["curl -s", f"-X {method}" if method else "", shlex.quote(f"{settings.base_url}{path}")]
    parts.append(f'-H "Authorization: Bearer $({_own_command(settings)} token {client_id})"')
    if body is not None:
        parts.append(f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'")
    return " ".join(part for part in parts if part)


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


def _customer_to_try(settings: LocalSettings) -> dict[str, str] | None:
    """A customer whose order would be approved (any, where none would); None in an empty system."""
    token = fetch_token(settings.base_url, settings.clients_file, "erp")
    listed = _ask(settings, token, "/v1/customers?limit=100")["data"]
    customers = [{"customer_id": one["customer_id"], "currency": one["currency"]} for one in listed]
    if not customers:
        return None
    checks = [{**customer, **ORDER, "dry_run": True} for customer in customers]
    decided = _ask(settings, token, "/v1/credit-checks/batch", {"checks": checks})["results"]
    approved = (
        customer
        for customer, decision in zip(customers, decided, strict=True)
        if decision.get("decision") == "approved"
    )
    return next(approved, customers[0])


def _ask(settings: LocalSettings, token: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        settings.base_url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
