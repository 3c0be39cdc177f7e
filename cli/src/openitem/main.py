"""The `openitem` command: one module per subcommand, loaded only when it is the one that is wanted.

The runner stays in memory for as long as the system runs, so it must not carry what only others need.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from openitem.local.errors import CannotStartError

MODULES = {
    "run": "openitem.local.command",
    "bureau-stand-in": "openitem.stand_ins.command",
    "token": "openitem.local.access",
    "demo": "openitem.local.demo",
    "load": "openitem.ledgers.command",
    "check-exposures": "openitem.local.exposure",
    "repair-exposure": "openitem.local.exposure",
    "replay-dead-letters": "openitem.local.replay",
    "replay-history": "openitem.local.replay",
    "replay-decisions": "openitem.decisions.command",
    "scorecard-fit": "openitem.scorecards.command",
    "scorecard-report": "openitem.scorecards.command",
    "scorecard-score": "openitem.scorecards.command",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    wanted = [MODULES[given[0]]] if given and given[0] in MODULES else dict.fromkeys(MODULES.values())
    parser = argparse.ArgumentParser(prog="openitem", description="Run OpenItem locally, and load ledgers into it.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in wanted:
        import_module(module).register(commands)
    chosen = parser.parse_args(given)
    try:
        code: int = chosen.call(chosen)
    except CannotStartError as error:
        print(f"openitem: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
