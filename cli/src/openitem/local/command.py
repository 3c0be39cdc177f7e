"""`openitem run`: the whole system in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from openitem.local.errors import CannotStartError
from openitem.local.narrator import Narrator
from openitem.local.settings import read_settings
from openitem.local.stack import Stack
from openitem.local.welcome import load_demo_once, welcome

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run` to the command line."""
    parser = commands.add_parser("run", help="run the whole system in the foreground", description=__doc__)
    parser.set_defaults(call=run)


def run(_arguments: argparse.Namespace) -> int:
    """Run until told to stop; the exit code, 1 when it could not start."""
    narrator = Narrator()
    try:
        return asyncio.run(_run(narrator))
    except CannotStartError as error:
        narrator.quiet()
        narrator.warn(str(error))
        return 1
    except OSError as error:
        narrator.quiet()
        narrator.warn(f"{error.strerror or error}: {error.filename or 'the system refused'}")
        return 1


async def _run(narrator: Narrator) -> int:
    stop = _stop_signal()
    stack = Stack(read_settings(), narrator)
    work = [
        asyncio.create_task(_serve(stack, narrator)),
        asyncio.create_task(stack.watch()),
        asyncio.create_task(stop.wait()),
    ]
    try:
        finished, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in finished:
            task.result()
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        narrator.doing("stopping (Ctrl-C again to kill)")
        await _stop(stack, stop)
        narrator.quiet()
    narrator.say("stopped; nothing is left running")
    return 0


async def _serve(stack: Stack, narrator: Narrator) -> None:
    """Start, load the demo company the first time, say what to try, and stay."""
    await stack.start()
    await load_demo_once(stack.settings, narrator)
    narrator.quiet()
    await welcome(stack.settings, narrator)
    await asyncio.Event().wait()


async def _stop(stack: Stack, stop: asyncio.Event) -> None:
    """Stop in order, or at once when asked a second time."""
    stop.clear()
    orderly = asyncio.create_task(stack.stop())
    again = asyncio.create_task(stop.wait())
    await asyncio.wait([orderly, again], return_when=asyncio.FIRST_COMPLETED)
    again.cancel()
    if not orderly.done():
        orderly.cancel()
        await asyncio.gather(orderly, return_exceptions=True)
        stack.kill()
    else:
        orderly.result()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        # Under nohup the end of the terminal is none of ours.
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return stop
