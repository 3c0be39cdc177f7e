"""Files that hold a secret: made once, for their owner only, whoever of several starting processes comes first."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600


def read_or_make(file: Path, make: Callable[[], Any]) -> Any:
    """Return the JSON in `file`; where there is none, write what `make` returns, unless another process does so first."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_once(file, json.dumps(make(), indent=2))
    return json.loads(file.read_text())


def _write_once(file: Path, content: str) -> None:
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w") as stream:
            os.fchmod(descriptor, OWNER_ONLY)
            stream.write(content + "\n")
            stream.flush()
            os.fsync(descriptor)
        # A link is made whole or not at all, and never over an existing file.
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(unfinished)
