"""`make bench`, or `python -m bench NAME…`: runs the benchmarks one after the other and prints the table."""

import asyncio
import importlib
import sys

from bench.report import machine, table

BENCHMARKS = (
    "applications",
    "assessment",
    "credit_check",
    "credit_batch",
    "credit_scale",
    "exposure_check",
    "gateway",
    "items",
    "ledger",
    "messaging",
    "stack",
)


def main() -> int:
    """Run those named on the command line, or all; 1 where a target was missed."""
    rows = []
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += asyncio.run(importlib.import_module(f"bench.{name}").run())
    print(f"Measured on {machine()}.\n")
    print(table(rows))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
