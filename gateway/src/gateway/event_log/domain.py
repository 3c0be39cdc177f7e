"""Which events a reader wants: patterns of types, such as `item.*,payment.received`."""

from collections.abc import Iterable

from shared.errors import InvalidError

ALL_OF = ".*"


class UnknownEventTypeError(InvalidError):
    """A pattern that no event type matches."""

    code = "unknown_event_type"

    def __init__(self, pattern: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no event type {pattern!r}; there are: {', '.join(sorted(known))}.", field="types")


class UnknownEventError(InvalidError):
    """A place in the feed that was never given out."""

    code = "unknown_event"

    def __init__(self, field: str) -> None:
        super().__init__("Give the next_cursor of this feed or the id of one of its events.", field=field)


def wanted_types(patterns: str, known: Iterable[str]) -> list[str]:
    """Return the known types that the comma-separated patterns name; raise `UnknownEventTypeError`.

    A pattern is a type (`item.posted`), all types of one noun (`item.*`), or `*`.
    """
    known = list(known)
    wanted: set[str] = set()
    for pattern in (part.strip() for part in patterns.split(",")):
        matched = {name for name in known if _matches(name, pattern)}
        if not matched:
            raise UnknownEventTypeError(pattern, known)
        wanted |= matched
    return sorted(wanted)


def _matches(name: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.endswith(ALL_OF):
        return name.startswith(pattern.removesuffix("*"))
    return name == pattern
