"""What is taken of a file that somebody sends: its name and media type, made harmless, and how it is handed out again.

The one thing to know: the content is kept to the letter and never interpreted; it is handed out only to be saved, never to be
shown by a browser.
"""

import re
import unicodedata
from urllib.parse import quote

FILE_BYTES_MAX = 16 * 1024 * 1024
FORM_BYTES_MAX = 64 * 1024
"""What surrounds a file in the body that brings it."""
NAME_LENGTH_MAX = 150
UNNAMED = "attachment"
UNKNOWN_MEDIA_TYPE = "application/octet-stream"

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def file_name(given: str | None) -> str:
    """Return a name without folders, control characters and marks that turn the direction of writing, at most 150 long.

    What is too long loses its middle, so that the ending stays.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given or ""))[-1]
    # Unicode's categories of "other": control, format, surrogate, private use, unassigned.
    visible = "".join(" " if char.isspace() else char for char in name if char.isspace() or _is_visible(char))
    tidy = re.sub(r" +", " ", visible).strip(" .")
    if len(tidy) > NAME_LENGTH_MAX:
        stem, dot, ending = tidy.rpartition(".")
        ending = (dot + ending)[-20:] if stem else ""
        tidy = tidy[: NAME_LENGTH_MAX - len(ending)] + ending
    return tidy or UNNAMED


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] != "C"


def media_type(given: str | None) -> str:
    """Return a media type without its parameters; what is none is unknown (RFC 6838, section 4.2)."""
    bare = (given or "").partition(";")[0].strip().lower()
    return bare if _MEDIA_TYPE.fullmatch(bare) else UNKNOWN_MEDIA_TYPE


def download_headers(name: str) -> dict[str, str]:
    """Return the headers with which a file is handed out to be saved under its name."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
