"""An entry of a credit file's journal, and the seals that make tampering evident.

The one thing to know: each entry is sealed with the hash of the one before, so that an entry that is changed, left out or put in
between breaks every seal behind it. The last seal is kept apart as the head, so that entries missing at the end are noticed
too; and a seal that somebody noted elsewhere proves that all up to it is as it was, whoever had the database meanwhile.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

FIRST_SEAL = "0" * 64
"""What stands before the first entry of a customer."""

READ = "read"
"""The kind of entry that tells who read the file, or the part of it that is its subject."""

Fault = Literal["altered", "missing", "unaccounted", "not_as_noted"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a credit file: `kind` such as `customer.updated` or `read`, `subject` the document it is about.

    `old` and `new` hold what changed by field: text, whole numbers, decimals, days, instants, truth values, lists and
    mappings of these. Secrets only masked. `request_id` is that of the present request where it is None.
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
class Head:
    """Position and seal of a journal's last entry."""

    position: int
    seal: str


EMPTY = Head(0, FIRST_SEAL)


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry at its place in its customer's journal, the first at position 1."""

    entry: Entry
    position: int
    recorded_at: datetime
    seal: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a journal is as it was sealed, and else the position of the first entry that is not.

    The fault is `altered` (an entry was changed, taken out or put in between), `missing` (entries at the end are gone),
    `unaccounted` (entries were added without the head) or `not_as_noted` (another seal than the one noted elsewhere).
    """

    entries: int
    head: Head
    first_broken: int | None = None
    fault: Fault | None = None


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it to the letter. A float it would not: `TypeError`."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"A journal keeps no {type(value).__name__}: give it as text, decimal or day.")


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


class Proof:
    """Goes through one customer's entries in order and tells at the end whether all are as they were sealed.

    `noted` is a head that was seen before and kept elsewhere.
    """

    def __init__(self, *, noted: Head | None = None) -> None:
        self._noted = noted
        self._at = EMPTY
        self._broken: tuple[int, Fault] | None = None

    def take(self, one: SealedEntry) -> None:
        """Take the next entry."""
        expected = self._at.position + 1
        intact = seal(one.entry, position=expected, recorded_at=one.recorded_at, before=self._at.seal)
        if one.position != expected or one.seal != intact:
            self._break(expected, "altered")
        self._at = Head(expected, one.seal)
        if self._noted and self._noted.position == expected and self._noted.seal != one.seal:
            self._break(expected, "not_as_noted")

    def verdict(self, head: Head) -> Verdict:
        """Return the verdict on all that was taken, with the head that is kept apart."""
        reached = self._at.position
        if reached < max(head.position, self._noted.position if self._noted else 0):
            self._break(reached + 1, "missing")
        elif reached > head.position:
            self._break(head.position + 1, "unaccounted")
        elif self._at != head:
            self._break(reached, "altered")
        first, fault = self._broken or (None, None)
        return Verdict(reached, head, first, fault)

    def _break(self, position: int, fault: Fault) -> None:
        if self._broken is None:
            self._broken = (position, fault)
