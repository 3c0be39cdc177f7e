"""Examples in an OpenAPI document.

The one thing to know: FastAPI leaves every null out of the document, those within examples too. An example of an answer would
then lack the fields that are always there, and would not be valid against its own schema.
"""

from collections.abc import Iterator
from typing import Any


def complete_examples(document: dict[str, Any]) -> None:
    """Put the nulls back into the examples of a document's models."""
    schemas = document.get("components", {}).get("schemas", {})
    for schema in schemas.values():
        for example in schema.get("examples", []):
            _complete(example, schema, schemas)


def _complete(example: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    if isinstance(example, list):
        items: dict[str, Any] = next((one["items"] for one in _choices(schema, schemas) if "items" in one), {})
        for each in example:
            _complete(each, items, schemas)
    elif isinstance(example, dict):
        fitting = (one for one in _choices(schema, schemas) if example.keys() <= one.get("properties", {}).keys())
        chosen = next(fitting, {})
        for name, inner in chosen.get("properties", {}).items():
            if name in example:
                _complete(example[name], inner, schemas)
            elif name in chosen.get("required", ()) and _nullable(inner, schemas):
                example[name] = None


def _choices(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a schema may be, references followed."""
    if "$ref" in schema:
        yield from _choices(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for each in alternatives:
            yield from _choices(each, schemas)
    else:
        yield schema


def _nullable(schema: dict[str, Any], schemas: dict[str, Any]) -> bool:
    return any(one.get("type") == "null" for one in _choices(schema, schemas))
