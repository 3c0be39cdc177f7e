"""An entry of a credit file's journal, and the seal that makes tampering evident.

The one thing to know: each entry is sealed with the hash of the one before, so that an entry that is changed, left out or put in
between breaks every seal behind it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FIRST_SEAL = "0" * 64
"""What stands before the first entry of a customer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a credit file: `kind` such as `customer.updated` or `read`, `subject` the document it is about.

    `old` and `new` hold what changed by field, as JSON values; secrets only masked.
    """

    customer_id: str
    kind: str
    actor: str
    subject: str | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry at its place in its customer's journal, the first at position 1."""

    entry: Entry
    position: int
    recorded_at: datetime
    seal: str


def seal(entry: Entry, *, position: int, recorded_at: datetime, before: str) -> str:
    """Return the SHA-256 of an entry with its place and the seal `before` it."""
    content = [
        before,
        entry.customer_id,
        position,
        entry.kind,
        entry.actor,
        entry.subject,
        entry.old,
        entry.new,
        entry.reason,
        entry.request_id,
        recorded_at.isoformat(),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(entries: Iterable[SealedEntry]) -> int | None:
    """Return the position of the first entry that is not as it was sealed, of one customer's entries in order."""
    before = FIRST_SEAL
    for expected, one in enumerate(entries, start=1):
        intact = seal(one.entry, position=expected, recorded_at=one.recorded_at, before=before)
        if one.position != expected or one.seal != intact:
            return expected
        before = one.seal
    return None
