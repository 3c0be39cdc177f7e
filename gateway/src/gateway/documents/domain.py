"""Merges the services' OpenAPI documents into one; pure.

The one thing to know: a schema of the same name and content is one schema; of the same name and other content, each service's
gets the service's name before it, so that nothing is lost and no reference is wrong.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.upstreams import UpstreamRoute

Document = Mapping[str, Any]
SECURITY_SCHEME = "openitem"
_REFERENCE = "#/components/schemas/"
_PARAMETER = re.compile(r"\{[^}]*\}")


def same_shape(path: str) -> str:
    """Return a path without its parameters' names, which need not be the same on both sides."""
    return _PARAMETER.sub("{}", path)


def merged(own: Document, services: Mapping[str, Document], routes: Iterable[UpstreamRoute]) -> dict[str, Any]:
    """Return the gateway's `own` document with those operations of `services` that `routes` lets pass."""
    names = _schema_names({"gateway": own, **services})
    document = _renamed(own, names["gateway"])
    paths = document.setdefault("paths", {})
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for service, described in services.items():
        renamed = _renamed(described, names[service])
        schemas.update(renamed.get("components", {}).get("schemas", {}))
        for path, method, operation in _operations(renamed, [route for route in routes if route.service == service]):
            paths.setdefault(path, {})[method] = operation
    document["paths"] = dict(sorted(paths.items()))
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def secured(operation: dict[str, Any], scope: str | None) -> dict[str, Any]:
    """Return an operation that says which scope it needs; None is any valid token."""
    return operation | {"security": [{SECURITY_SCHEME: [scope] if scope else []}]}


def _operations(document: Document, routes: Iterable[UpstreamRoute]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    described = {same_shape(path): (path, item) for path, item in document.get("paths", {}).items()}
    for route in routes:
        path, item = described.get(same_shape(route.path), ("", {}))
        method = route.method.lower()
        if method in item:
            yield path, method, secured(item[method], route.scope)


def _schema_names(documents: Mapping[str, Document]) -> dict[str, dict[str, str]]:
    """Return, for each document, the new name of each of its schemas."""
    contents: dict[str, set[str]] = {}
    for document in documents.values():
        for name, schema in _schemas(document).items():
            contents.setdefault(name, set()).add(json.dumps(schema, sort_keys=True))
    disputed = _spread({name for name, found in contents.items() if len(found) > 1}, documents)
    return {
        service: {name: f"{_prefix(service)}{name}" if name in disputed else name for name in _schemas(document)}
        for service, document in documents.items()
    }


def _spread(disputed: set[str], documents: Mapping[str, Document]) -> set[str]:
    """Return `disputed` with every schema that refers to one of them: equal text then means different things."""
    references = {
        (name, found)
        for document in documents.values()
        for name, schema in _schemas(document).items()
        for found in re.findall(f'"{re.escape(_REFERENCE)}([^"]+)"', json.dumps(schema))
    }
    while more := {name for name, found in references if found in disputed} - disputed:
        disputed = disputed | more
    return disputed


def _schemas(document: Document) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.get("components", {}).get("schemas", {})
    return found


def _prefix(service: str) -> str:
    return service.removesuffix("-service").capitalize()


def _renamed(document: Document, names: Mapping[str, str]) -> dict[str, Any]:
    renamed: dict[str, Any] = _with_references(document, names)
    schemas = _schemas(renamed)
    if schemas:
        renamed["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    return renamed


def _with_references(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_references(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_references(inner, names) for inner in value]
    if isinstance(value, str) and value.startswith(_REFERENCE):
        name = value.removeprefix(_REFERENCE)
        return _REFERENCE + names.get(name, name)
    return value
