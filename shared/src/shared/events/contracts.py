"""The published contracts: a JSON Schema per event and one AsyncAPI 3 document, made from the models.

`python -m shared.events.contracts docs` writes them to `docs/events/` and `docs/asyncapi.json`. They are committed, a test
compares them with the models, and a change that would break a reader is refused: it needs a new version of the event.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from shared.events import EVENT_TYPES, SERVICES, published_by
from shared.events.compatibility import breakages
from shared.events.envelope import EXCHANGE, Envelope, EventData

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONTENT_TYPE = "application/cloudevents+json"
BINDING_VERSION = "0.3.0"
_CONSTANTS = {"specversion": "1.0", "datacontenttype": "application/json"}
_OPTIONAL_ATTRIBUTES = ("customerid", "correlationid")


class _PlainTitles(GenerateJsonSchema):
    """JSON Schema without a title that only repeats a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Say no."""
        return False


def event_schema(model: type[EventData]) -> JsonSchemaValue:
    """Return the JSON Schema of the whole CloudEvent that carries `model`."""
    schema = _envelope_of(model).model_json_schema(mode="serialization", schema_generator=_PlainTitles)
    _sharpen(schema, model)
    return {"$schema": DIALECT, **schema}


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3 document: a channel per event type, a send operation of the service that publishes it."""
    owned = [(service, model) for service in SERVICES for _, model in sorted(published_by(service).items())]
    models = [model for _, model in owned]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "OpenItem events",
            "version": "1.0.0",
            "description": f"Bind a queue of your own to the topic exchange `{EXCHANGE}`; the routing key is the event's type. "
            "Events may come twice, late or out of order: apply a state only if its `version` is newer, a posting only once.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": {"broker": {"host": "127.0.0.1:5672", "protocol": "amqp", "protocolVersion": "0.9.1"}},
        "defaultContentType": CONTENT_TYPE,
        "channels": {model.__name__: _channel(model) for model in models},
        "operations": {f"send{model.__name__}": _operation(service, model) for service, model in owned},
        "components": {
            "messages": {model.__name__: _message(model) for model in models},
            "schemas": _schemas(models),
        },
    }


def _envelope_name(model: type[EventData]) -> str:
    return f"{model.__name__}Event"


def _envelope_of(model: type[EventData]) -> type[BaseModel]:
    return create_model(_envelope_name(model), __base__=Envelope, __doc__=model.__doc__, data=(model, ...))


def _sharpen(schema: JsonSchemaValue, model: type[EventData]) -> None:
    """Say what is always the same in an event of this type; what has no value is left out rather than null."""
    attributes = schema["properties"]
    for name, value in _CONSTANTS.items():
        attributes[name] |= {"const": value}
        attributes[name].pop("default")
    attributes["type"]["const"] = model.type
    for name in _OPTIONAL_ATTRIBUTES:
        attributes[name] = {"description": attributes[name]["description"], "type": "string"}
    schema["required"] = [name for name in attributes if name not in _OPTIONAL_ATTRIBUTES]


def _channel(model: type[EventData]) -> dict[str, Any]:
    return {
        "address": model.type,
        "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": EXCHANGE,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                    "vhost": "/",
                },
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _operation(service: str, model: type[EventData]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{model.__name__}"},
        "messages": [{"$ref": f"#/channels/{model.__name__}/messages/{model.__name__}"}],
        "tags": [{"name": service}],
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING_VERSION}},
    }


def _message(model: type[EventData]) -> dict[str, Any]:
    return {
        "name": model.type,
        "summary": model.__doc__,
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {"$ref": f"#/components/schemas/{_envelope_name(model)}"},
    }


def _schemas(models: list[type[EventData]]) -> dict[str, Any]:
    _, schema = models_json_schema(
        [(_envelope_of(model), "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
        schema_generator=_PlainTitles,
    )
    definitions: dict[str, Any] = schema["$defs"]
    for model in models:
        _sharpen(definitions[_envelope_name(model)], model)
    return definitions


def documents() -> dict[str, str]:
    """Return every document's text by its path below the docs folder."""
    schemas = {f"events/{name}.{model.schema_version}.json": event_schema(model) for name, model in EVENT_TYPES.items()}
    everything = {**schemas, "asyncapi.json": asyncapi()}
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in everything.items()}


def broken_promises(docs: Path) -> list[str]:
    """Return what the models would take from readers of the event schemas that `docs` has."""
    present = documents()
    broken = []
    for path in sorted((docs / "events").glob("*.json")):
        now = present.get(f"events/{path.name}")
        losses = breakages(json.loads(path.read_text()), json.loads(now)) if now else ["It is published no more."]
        broken += [f"{path.name}: {loss}" for loss in losses]
    return broken


def write(docs: Path) -> list[str]:
    """Write the documents, or return why readers of the present ones forbid it."""
    broken = broken_promises(docs)
    if not broken:
        for path, content in documents().items():
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(content)
    return broken


if __name__ == "__main__":
    refusals = write(Path(sys.argv[1]))
    for refusal in refusals:
        print(f"{refusal} This needs a new version of the event.", file=sys.stderr)
    sys.exit(1 if refusals else 0)
