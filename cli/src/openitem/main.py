"""The `openitem` command: one subcommand per module, which adds its own arguments."""

from __future__ import annotations

import argparse
import sys

from openitem.local import access, command
from openitem.local.errors import CannotStartError

SUBCOMMANDS = (command, access)


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; its exit code."""
    parser = argparse.ArgumentParser(prog="openitem", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in SUBCOMMANDS:
        module.register(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.call(chosen)
    except CannotStartError as error:
        print(f"openitem: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
