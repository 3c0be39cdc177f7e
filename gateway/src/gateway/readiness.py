"""`/readyz`: whether every service, every database and the broker are usable, asked of those who know."""

import asyncio
from collections.abc import Sequence

import aiohttp

from shared.http.app import Check

ANSWER_SECONDS = 3.0


def others_check(addresses: Sequence[str]) -> Check:
    """Return a check that asks the `/readyz` of every other process, all at once."""

    async def check() -> str | None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            ready = await asyncio.gather(*(_is_ready(session, address) for address in addresses))
        waiting = [address for address, is_ready in zip(addresses, ready, strict=True) if not is_ready]
        return f"{len(waiting)} of {len(addresses)} processes are not ready" if waiting else None

    return check


async def _is_ready(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
