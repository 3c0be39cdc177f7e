"""What a text from outside may hold: an identifier only what everybody can see and type again, free text what writing needs.

The one thing to know: an identifier follows one rule in addresses and in bodies, so that whatever a body names can be named in
an address. Free text keeps what is not seen but belongs to a script (joiners in Persian names, marks of direction, isolates that
are closed); controls, and what turns the order of everything behind it, are in no name or note.
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_NOT_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Controls but tab and the ends of lines; embeddings, overrides and isolates, unless closed; what is no character."""
_CLOSED_ISOLATE = re.compile("[\u2066-\u2068]([^\n\r\u0085\u2029\u2066-\u2069]*)\u2069")
"""A stretch with an order of its own that ends in its line (UAX 9). Message libraries write names so; nothing behind it turns."""
_ISOLATES_DEPTH_MAX = 8
_OTHER_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Blanks that do not break or have another width: spreadsheets and keyboards of East Asia write them, and all look alike."""
_CONTROLS = {0x00: "NUL", 0x09: "TAB", 0x0A: "LINE FEED", 0x0D: "CARRIAGE RETURN", 0x1B: "ESCAPE", 0x7F: "DELETE"}


def code_point(character: str) -> str:
    """Return a character by its code point and name, for who cannot see it: `U+200B ZERO WIDTH SPACE`."""
    name = unicodedata.name(character, "") or _CONTROLS.get(ord(character), "")
    return f"U+{ord(character):04X} {name}".rstrip()


def storable(text: str) -> str:
    """Return free text; refuse one with a character that is no part of writing."""
    if text.isprintable():
        return text
    closed = text
    for _ in range(_ISOLATES_DEPTH_MAX if "\u2069" in text else 0):
        closed = _CLOSED_ISOLATE.sub(r" \1 ", closed)
    found = _NOT_IN_TEXT.search(closed)
    if found:
        raise PydanticCustomError(
            "character_not_allowed",
            "Take {character} out (character {position}): text has no control characters, and none that turn what follows.",
            {"character": code_point(found[0]), "position": found.start() + 1},
        )
    return text


def nameable(key: str) -> str:
    """Return an identifier; refuse one that nobody could name again.

    Bodies lose the blanks at the ends of a text, and those in it are plain ones (`plainly_named`); bytes that are no UTF-8 all
    become U+FFFD, and what cannot be seen is not typed.
    """
    if key != key.strip():
        raise PydanticCustomError("key_not_nameable", "Leave out the blanks at the beginning and the end of the key.")
    if key.isprintable() and "\ufffd" not in key:
        return key
    position = next(at for at, one in enumerate(key) if not one.isprintable() or one == "\ufffd")
    raise PydanticCustomError(
        "key_not_nameable",
        "Take {character} out (character {position}): a key has printable characters only, in UTF-8.",
        {"character": code_point(key[position]), "position": position + 1},
    )


def plainly_named(key: str) -> str:
    """Return an identifier of a body, each of its blanks a plain one; refuse it as `nameable` does."""
    return nameable(key if key.isprintable() else _OTHER_BLANKS.sub(" ", key))


Key = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plainly_named)]
"""A number or name by which the ERP, or OpenItem, knows something."""
CompanyCode = Annotated[str, Field(min_length=1, max_length=20, examples=["1000"]), AfterValidator(plainly_named)]
"""A company of the ledger."""
Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plainly_named)]
"""A number of somebody else's: a bank's, a channel's, a customer's."""
