"""`python -m openitem.local.migrations`: migrate several databases in one short-lived process.

A process of its own, since Alembic's context is global to a process and its models should not stay in
the runner's memory. What to do comes by the environment, because database addresses hold passwords.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from openitem.local.databases import MIGRATIONS_VARIABLE
from shared import memory
from shared.migrate import upgrade


def main() -> None:
    """Upgrade each (migrations folder, database URL) of the environment's list."""
    memory.settle()
    for folder, url in json.loads(os.environ[MIGRATIONS_VARIABLE]):
        upgrade(Path(folder), url)


if __name__ == "__main__":
    main()
