from collections.abc import AsyncIterator

import jsonschema
import pytest

from credit_service.app import create_app as create_credit
from credit_service.settings import CreditSettings
from gateway.app import create_app
from tests.gateway.sockets import listening
from tests.gateway.world import Gateway, local_settings
from tests.support.services import verifier


@pytest.fixture(scope="module")
async def gateway_and_credit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway in front of credit-service alone; neither has a database, which documents do not need."""
    folder = tmp_path_factory.mktemp("gateway")
    credit = CreditSettings(profile="local", database_url=local_settings(folder).database_url)
    async with listening(create_credit(credit, verifier=verifier())) as credit_url:
        own = local_settings(folder, credit_url=credit_url)
        async with listening(create_app(own)) as url, Gateway.at(url, own.data_dir) as gateway:
            yield gateway


async def test_one_document_describes_the_gateway_and_every_service_that_is_up(gateway_and_credit: Gateway) -> None:
    document = (await gateway_and_credit.http.get("/openapi.json")).json()

    assert document["openapi"].startswith("3.1")
    assert document["paths"]["/v1/customers/{customer_id}"]["put"]["security"] == [{"openitem": ["customers:write"]}]
    assert document["paths"]["/v1/events"]["get"]["security"] == [{"openitem": ["events:read"]}]
    assert document["paths"]["/v1/jobs/{job_id}"]["get"]["security"] == [{"openitem": []}]
    assert {"/oauth/token", "/healthz", "/readyz", "/v1/days/{date}/run"} <= set(document["paths"])
    scheme = document["components"]["securitySchemes"]["openitem"]
    assert "customers:write" in scheme["flows"]["clientCredentials"]["scopes"]


async def test_every_reference_of_the_document_leads_somewhere(gateway_and_credit: Gateway) -> None:
    document = (await gateway_and_credit.http.get("/openapi.json")).json()
    found: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                found.add(value["$ref"].rsplit("/", 1)[1])
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(document)

    assert found
    assert found <= set(document["components"]["schemas"])


async def test_every_operation_of_the_gateway_has_an_id_of_its_own_and_says_what_it_does(
    gateway_and_credit: Gateway,
) -> None:
    document = (await gateway_and_credit.http.get("/openapi.json")).json()
    operations = [operation for item in document["paths"].values() for operation in item.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation.get("description") for operation in operations)


async def test_the_events_are_described_and_each_schema_is_where_the_event_says(lone_gateway: Gateway) -> None:
    document = (await lone_gateway.http.get("/asyncapi.json")).json()
    schema = await lone_gateway.http.get("/schemas/item.posted.v1.json")

    assert document["asyncapi"].startswith("3.")
    assert schema.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(schema.json())


@pytest.mark.parametrize("path", ["/schemas/item.postd.v1.json", "/schemas/item.posted.v9.json"])
async def test_a_schema_that_does_not_exist_is_a_404_problem(lone_gateway: Gateway, path: str) -> None:
    answer = await lone_gateway.http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "schema_not_found")


async def test_the_page_for_people_is_open(lone_gateway: Gateway) -> None:
    answer = await lone_gateway.http.get("/docs")

    assert answer.status_code == 200
    assert "/openapi.json" in answer.text
