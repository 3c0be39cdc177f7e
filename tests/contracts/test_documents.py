"""The document of a service describes every field, and its examples are what the service answers and takes."""

from typing import Any

import jsonschema
import pytest

from cashapp_service.app import create_app as create_cashapp
from cashapp_service.settings import CashappSettings
from credit_service.app import create_app as create_credit
from credit_service.settings import CreditSettings
from tests.support.services import settings_for, verifier

SERVICES: dict[str, Any] = {
    "credit-service": (create_credit, CreditSettings),
    "cashapp-service": (create_cashapp, CashappSettings),
}


@pytest.fixture(scope="module", params=sorted(SERVICES))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The document as the service serves it."""
    create, settings = SERVICES[request.param]
    return dict(create(settings_for("postgresql://nobody@127.0.0.1:9/none", settings), verifier=verifier()).openapi())


def test_each_example_is_valid_against_its_own_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    faults = [
        f"{name}: {fault.json_path} {fault.message}"
        for name, schema in schemas.items()
        for example in schema.get("examples", ())
        for fault in jsonschema.Draft202012Validator(schema | {"components": document["components"]}).iter_errors(
            example
        )
    ]

    assert faults == []


def test_each_field_and_parameter_is_described(document: dict[str, Any]) -> None:
    of_models = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, content in schema.get("properties", {}).items()
        if "description" not in content
    ]
    of_operations = [
        f"{method} {path} {parameter['name']}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for parameter in operation.get("parameters", ())
        if "description" not in parameter
    ]

    assert (of_models, of_operations) == ([], [])
