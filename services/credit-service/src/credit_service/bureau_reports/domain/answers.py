"""Reads what a partner answered without trusting its shape: what is not there, or is something else, is None."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any


def at(answer: Any, *path: str | int) -> Any:
    """Return what lies at a path of keys and positions, None where it leads nowhere."""
    for step in path:
        if isinstance(step, int):
            answer = answer[step] if isinstance(answer, list) and len(answer) > step else None
        else:
            answer = answer.get(step) if isinstance(answer, dict) else None
    return answer


def text_at(answer: Any, *path: str | int) -> str | None:
    """Return the text at a path, a number as its digits; blank text is None, and what no database keeps is left out."""
    found = at(answer, *path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found).replace("\0", "").strip() or None


def number_at(answer: Any, *path: str | int) -> Decimal | None:
    """Return the number at a path; a number written as text, with or without a per cent sign, is one too."""
    found = at(answer, *path)
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    if isinstance(found, str):
        found = found.strip().removesuffix("%").strip()
        digits = found.removeprefix("-").replace(".", "", 1)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 40):
            return None
    return Decimal(found)


def list_at(answer: Any, *path: str | int) -> list[Any]:
    """Return the list at a path, an empty one where there is none."""
    found = at(answer, *path)
    return found if isinstance(found, list) else []


def day_at(answer: Any, *path: str | int) -> date | None:
    """Return the day at a path that is written as ISO 8601, alone or with a time."""
    found = text_at(answer, *path)
    try:
        return datetime.fromisoformat(found).date() if found else None
    except ValueError:
        return None
