"""The key that encrypts bureau reports in a local system: made once, kept in the data folder for its owner only."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
OWNER_ONLY = 0o600


def report_key(data_dir: Path) -> str:
    """The key as base64. Who starts a system holds the folder's lock, so nobody else makes one at the same time."""
    file = data_dir / "report_key"
    if not file.exists():
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=OWNER_ONLY)
        with unfinished.open("w") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    return file.read_text().strip()
