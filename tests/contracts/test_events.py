"""The published contracts: the committed files, the models and the events agree, and nothing promised is taken away."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.events import EVENT_TYPES, SERVICES, published_by
from shared.events.contracts import asyncapi, broken_promises, documents, event_schema, write
from shared.events.envelope import EventData, wrap

DOCS = Path(__file__).resolve().parents[2] / "docs"
NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
REMEDY = "run `python -m shared.events.contracts docs` and commit what it writes"


def sample(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """Return the plainest value that a schema describes."""
    if "$ref" in schema:
        return sample(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    match schema["type"]:
        case "object":
            return {name: sample(field, root) for name, field in schema["properties"].items()}
        case "array":
            return [sample(schema["items"], root)]
        case "integer":
            return 1
        case "boolean":
            return True
    return "text"


def event_of(model: type[EventData]) -> dict[str, Any]:
    """Return an event of the type as it is published."""
    schema = model.model_json_schema(mode="serialization")
    data = model.model_validate(sample(schema, schema))
    envelope = wrap(data, source="tests", at=NOON, correlation_id="req_1")
    published: dict[str, Any] = json.loads(envelope.model_dump_json(exclude_none=True))
    return published


def test_the_committed_contracts_are_those_of_the_models() -> None:
    committed = {
        str(path.relative_to(DOCS)): path.read_text()
        for path in [*(DOCS / "events").glob("*.json"), DOCS / "asyncapi.json"]
    }
    present = documents()
    assert sorted(committed) == sorted(present), REMEDY
    assert [path for path in present if present[path] != committed[path]] == [], REMEDY


def test_no_reader_of_a_published_contract_is_broken() -> None:
    assert broken_promises(DOCS) == []


def test_a_contract_that_would_break_a_reader_is_not_written(tmp_path: Path) -> None:
    assert write(tmp_path) == []
    file = tmp_path / "events" / "item.posted.v1.json"
    promised = json.loads(file.read_text())
    promised["$defs"]["ItemState"]["properties"]["colour"] = {"type": "string"}
    file.write_text(json.dumps(promised))
    gone = tmp_path / "events" / "item.painted.v1.json"
    gone.write_text(json.dumps(promised))
    assert write(tmp_path) == [
        "item.painted.v1.json: It is published no more.",
        "item.posted.v1.json: event.data.item.colour was removed.",
    ]
    assert json.loads(file.read_text()) == promised


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_is_valid_against_its_published_schema(name: str) -> None:
    schema = event_schema(EVENT_TYPES[name])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    event = event_of(EVENT_TYPES[name])
    validator.validate(event)
    for broken in ({**event, "type": "other"}, {**event, "data": {}}, {**event, "customerid": None}):
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_says_the_same_after_its_journey(name: str) -> None:
    event = event_of(EVENT_TYPES[name])
    assert EVENT_TYPES[name].model_validate(event["data"]).model_dump(mode="json") == event["data"]


def test_each_event_has_one_publisher() -> None:
    names = [name for service in SERVICES for name in published_by(service)]
    assert sorted(names) == sorted(set(names)) == sorted(EVENT_TYPES)


# AsyncAPI 3.0: which fields each object may have, of those that we use, and which it must have (marked "!").
FIELDS = {
    "root": {"asyncapi!", "info!", "servers", "defaultContentType", "channels", "operations", "components"},
    "info": {"title!", "version!", "description", "license"},
    "server": {"host!", "protocol!", "protocolVersion"},
    "channel": {"address", "messages", "bindings"},
    "operation": {"action!", "channel!", "messages", "tags", "bindings"},
    "message": {"name", "summary", "contentType", "correlationId", "payload"},
}


def conforms(kind: str, value: dict[str, Any]) -> bool:
    known = {name.rstrip("!") for name in FIELDS[kind]}
    needed = {name.rstrip("!") for name in FIELDS[kind] if name.endswith("!")}
    return needed <= value.keys() <= known


def resolved(document: dict[str, Any], reference: str) -> Any:
    target: Any = document
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return target


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for entry in value for found in references(entry)]
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for entry in value.values() for found in references(entry)]
    return []


def test_the_asyncapi_document_has_the_structure_of_asyncapi_3() -> None:
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert conforms("root", document)
    assert conforms("info", document["info"])
    assert all(conforms("server", server) for server in document["servers"].values())
    assert all(conforms("channel", channel) for channel in document["channels"].values())
    assert all(conforms("operation", operation) for operation in document["operations"].values())
    assert all(conforms("message", message) for message in document["components"]["messages"].values())


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    found = references(document)
    assert found
    for reference in found:
        assert resolved(document, reference)


def test_the_asyncapi_document_names_every_event_with_its_publisher_and_its_exchange() -> None:
    document = asyncapi()
    told = {
        (operation["tags"][0]["name"], resolved(document, operation["channel"]["$ref"])["address"])
        for operation in document["operations"].values()
    }
    assert told == {(service, name) for service in SERVICES for name in published_by(service)}
    exchanges = {channel["bindings"]["amqp"]["exchange"]["name"] for channel in document["channels"].values()}
    assert exchanges == {"openitem.events"}
