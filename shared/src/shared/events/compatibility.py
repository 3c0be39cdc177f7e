"""Whether a new schema still keeps what a published one promised. Pure: two JSON Schemas in, sentences out.

The one thing to know: a contract has readers of today's events and it has history, which replays send again. So within a
version a field may be added and an enumeration may grow; nothing may be taken away, become optional, newly required, or
change its type. A reader takes an unknown value of an enumeration for one that it does not handle.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_FORMS = ("pattern", "format", "const")


def breakages(old: Schema, new: Schema) -> list[str]:
    """Return what of `old` its readers would miss in `new`, one sentence each; nothing where all is kept."""
    return list(_compare("event", old, new, old, new))


def _compare(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    before, after = _alternatives(old, old_root), _alternatives(new, new_root)
    for kind in sorted(before.keys() - after.keys()):
        yield f"{path} was narrowed: it may no longer be {kind}."
    for kind in sorted(after.keys() - before.keys()):
        yield f"{path} was widened: it may now be {kind}."
    for kind in sorted(before.keys() & after.keys()):
        yield from _compare_one(path, before[kind], after[kind], old_root, new_root)


def _compare_one(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    yield from _compare_values(path, old, new)
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in old_fields:
        if name not in new_fields:
            yield f"{path}.{name} was removed."
            continue
        yield from _compare(f"{path}.{name}", old_fields[name], new_fields[name], old_root, new_root)
        if name in old_required - new_required:
            yield f"{path}.{name} may now be absent."
    for name in sorted(new_required - old_required):
        yield f"{path}.{name} is newly required, and history does not have it."
    if "items" in old or "items" in new:
        yield from _compare(f"{path}[]", old.get("items", {}), new.get("items", {}), old_root, new_root)


def _compare_values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    values = new.get("enum")
    gone = [] if values is None else [value for value in old.get("enum", ()) if value not in values]
    if gone:
        yield f"{path} was narrowed: {', '.join(map(str, gone))} is no longer a value."
    if values is not None and "enum" not in old:
        yield f"{path} was narrowed: it was not an enumeration before."
    for word in _FORMS:
        if old.get(word) != new.get(word):
            yield f"{path} changed its {word} from {old.get(word)} to {new.get(word)}."
    for word in _LOWER_BOUNDS:
        if word in new and new[word] > old.get(word, float("-inf")):
            yield f"{path} was narrowed: {word} is now {new[word]}."
    for word in _UPPER_BOUNDS:
        if word in new and new[word] < old.get(word, float("inf")):
            yield f"{path} was narrowed: {word} is now {new[word]}."


def _alternatives(schema: Schema, root: Schema) -> dict[str, Schema]:
    """Return what a value may be, by type name; references followed and alternatives spread out."""
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _alternatives(target, root)
    if "anyOf" in schema:
        spread = [_alternatives(choice, root) for choice in schema["anyOf"]]
        return {kind: choice for choices in spread for kind, choice in choices.items()}
    kinds = schema.get("type", "anything")
    return dict.fromkeys([kinds] if isinstance(kinds, str) else kinds, schema)
