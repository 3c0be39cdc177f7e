"""What a published schema promised its readers."""

from copy import deepcopy
from typing import Any

import pytest

from shared.events.compatibility import breakages

PUBLISHED: dict[str, Any] = {
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {"item_id": {"type": "string"}, "balance": {"type": "string", "pattern": "^a$"}},
            "required": ["item_id"],
        }
    },
    "type": "object",
    "properties": {
        "version": {"type": "integer", "minimum": 1},
        "status": {"type": "string", "enum": ["open", "cleared"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "item": {"$ref": "#/$defs/Item"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["version", "status", "item"],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the published schema with one place changed; None takes the place away."""
    schema = deepcopy(PUBLISHED)
    *parents, last = path.split("/")
    place = schema
    for step in parents:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return schema


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/currency", {"type": "string"}),
        ("$defs/Item/properties/number", {"type": "string"}),
        ("properties/status/enum", ["open", "cleared", "written_off"]),
        ("properties/status/description", "what it is"),
        ("properties/version/minimum", 0),
    ],
)
def test_a_contract_may_grow(path: str, value: Any) -> None:
    assert breakages(PUBLISHED, changed(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "breakage"),
    [
        ("properties/note", None, "event.note was removed."),
        ("$defs/Item/properties/balance", None, "event.item.balance was removed."),
        ("required", ["version", "item"], "event.status may now be absent."),
        (
            "required",
            ["version", "status", "item", "note"],
            "event.note is newly required, and history does not have it.",
        ),
        ("properties/version/type", "string", "event.version was narrowed: it may no longer be integer."),
        ("properties/note/anyOf", [{"type": "string"}], "event.note was narrowed: it may no longer be null."),
        (
            "properties/version",
            {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            "event.version was widened: it may now be null.",
        ),
        (
            "properties/status/enum",
            ["open"],
            "event.status was narrowed: cleared is no longer a value.",
        ),
        (
            "$defs/Item/properties/item_id/enum",
            ["one"],
            "event.item.item_id was narrowed: it was not an enumeration before.",
        ),
        ("properties/tags/items", {"type": "integer"}, "event.tags[] was narrowed: it may no longer be string."),
        (
            "$defs/Item/properties/balance/pattern",
            "^b$",
            "event.item.balance changed its pattern from ^a$ to ^b$.",
        ),
        ("properties/version/minimum", 2, "event.version was narrowed: minimum is now 2."),
        ("properties/tags/maxItems", 9, "event.tags was narrowed: maxItems is now 9."),
    ],
)
def test_a_change_that_would_break_a_reader_is_named(path: str, value: Any, breakage: str) -> None:
    assert breakage in breakages(PUBLISHED, changed(path, value))


def test_a_schema_keeps_its_own_promises() -> None:
    assert breakages(PUBLISHED, PUBLISHED) == []
