"""`openitem replay-dead-letters` and `openitem replay-history`: messages again, for a consumer that missed them."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from openitem.local.errors import CannotStartError
from openitem.local.roles import GATEWAY, PARTS, Part
from openitem.local.settings import read_settings
from shared.errors import OpenItemError
from shared.replay import BEGINNING, replay_dead_letters, replay_history
from shared.unit_of_work import Units

BY_NAME = {part.name: part for part in PARTS}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both to the command line."""
    letters = commands.add_parser("replay-dead-letters", help="send a consumer's dead letters to it again")
    letters.add_argument("consumer", choices=BY_NAME)
    letters.add_argument("--limit", type=int, help="at most so many (default: all)")
    letters.set_defaults(call=_dead_letters)
    history = commands.add_parser("replay-history", help="send a service's past events to one consumer again")
    history.add_argument("source", choices=BY_NAME)
    history.add_argument("consumer", choices=BY_NAME)
    history.add_argument("--since", type=_instant, default=BEGINNING, help="from this instant (RFC 3339) on")
    history.add_argument("--rebuild", action="store_true", help="apply to projections even what the inbox knows")
    history.add_argument("--database-url", help="the source's database (default: the running local system's)")
    history.set_defaults(call=_history)
    for parser in (letters, history):
        parser.add_argument("--amqp-url", help="the broker (default: the running local system's)")


def _dead_letters(arguments: argparse.Namespace) -> int:
    amqp_url = arguments.amqp_url or _running("amqp_url")
    moved = _call(replay_dead_letters(amqp_url, _consumer(BY_NAME[arguments.consumer]), arguments.limit))
    print(f"{moved} dead letters sent to {arguments.consumer} again")
    return 0


def _history(arguments: argparse.Namespace) -> int:
    amqp_url = arguments.amqp_url or _running("amqp_url")
    source, consumer = BY_NAME[arguments.source], BY_NAME[arguments.consumer]
    database_url = arguments.database_url or _running("database_urls")[source.name]

    async def replay() -> int:
        units = Units.connect(database_url, source=_consumer(source), pool_size=1)
        try:
            return await replay_history(
                units, amqp_url, _consumer(consumer), arguments.since, rebuild=arguments.rebuild
            )
        finally:
            await units.close()

    print(f"{_call(replay())} events of {source.name} sent to {consumer.name} again")
    return 0


def _call(work: Coroutine[object, object, int]) -> int:
    try:
        return asyncio.run(work)
    except (OpenItemError, OSError) as error:
        raise CannotStartError(f"nothing more was replayed: {error}") from error


def _consumer(part: Part) -> str:
    """The name a part has on the broker."""
    return part.name if part is GATEWAY else f"{part.name}-service"


def _running(key: str) -> Any:
    state = read_settings().data_dir / "stack.json"
    try:
        return json.loads(state.read_text())[key]
    except OSError as error:
        raise CannotStartError(f"no local system runs here ({state} is absent); name the addresses") from error


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError("needs a zone, as in 2026-01-31T00:00:00Z")
    return instant
