from typing import Any

from gateway.documents.domain import merged
from gateway.upstreams import UpstreamRoute

MONEY = {"type": "object", "properties": {"amount": {"type": "string"}}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def document(path: str, schema: str, **schemas: Any) -> dict[str, Any]:
    answer = {"content": {"application/json": {"schema": reference(schema)}}}
    return {
        "openapi": "3.1.0",
        "paths": {path: {"get": {"operationId": f"get {path}", "responses": {"200": answer}}}},
        "components": {"schemas": schemas},
    }


def route(path: str, service: str, method: str = "GET", scope: str | None = "items:read") -> UpstreamRoute:
    return UpstreamRoute(method, path, service, scope)


def shown(merged_document: dict[str, Any], path: str) -> str:
    answer = merged_document["paths"][path]["get"]["responses"]["200"]
    name: str = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    return name


OWN = document("/v1/events", "Page", Page={"type": "object", "title": "Page"})
ROUTES = [route("/v1/items/{id}", "cashapp-service"), route("/v1/disputes", "dispute-service")]


def test_only_what_the_gateway_passes_on_is_described_with_the_scope_it_asks_for() -> None:
    cashapp = document("/v1/items/{item_id}", "Item", Item=MONEY)
    cashapp["paths"]["/healthz"] = {"get": {}}

    whole = merged(OWN, {"cashapp-service": cashapp}, ROUTES)

    assert sorted(whole["paths"]) == ["/v1/events", "/v1/items/{item_id}"]
    assert whole["paths"]["/v1/items/{item_id}"]["get"]["security"] == [{"openitem": ["items:read"]}]


def test_equal_schemas_of_one_name_are_one() -> None:
    services = {
        "cashapp-service": document("/v1/items/{id}", "Item", Item=MONEY),
        "dispute-service": document("/v1/disputes", "Item", Item=dict(MONEY)),
    }

    whole = merged(OWN, services, ROUTES)

    assert sorted(whole["components"]["schemas"]) == ["Item", "Page"]


def test_different_schemas_of_one_name_are_told_apart_and_every_reference_follows() -> None:
    other = {"type": "object", "properties": {"item": reference("Line")}}
    services = {
        "cashapp-service": document("/v1/items/{id}", "Item", Item=MONEY),
        "dispute-service": document("/v1/disputes", "Item", Item=other, Line=MONEY),
    }

    whole = merged(OWN, services, ROUTES)

    assert shown(whole, "/v1/items/{id}") == "CashappItem"
    assert shown(whole, "/v1/disputes") == "DisputeItem"
    assert whole["components"]["schemas"]["DisputeItem"]["properties"]["item"] == reference("Line")


def test_schemas_that_look_alike_but_refer_to_different_ones_are_told_apart() -> None:
    page = {"type": "array", "items": reference("Item")}
    services = {
        "cashapp-service": document("/v1/items/{id}", "List", List=page, Item=MONEY),
        "dispute-service": document("/v1/disputes", "List", List=dict(page), Item={"type": "string"}),
    }

    whole = merged(OWN, services, ROUTES)

    schemas = whole["components"]["schemas"]
    assert shown(whole, "/v1/disputes") == "DisputeList"
    assert schemas["DisputeList"]["items"] == reference("DisputeItem")
    assert schemas["CashappList"]["items"] == reference("CashappItem")
    assert schemas["DisputeItem"] == {"type": "string"}


def test_what_is_merged_is_left_as_it_was() -> None:
    cashapp = document("/v1/items/{id}", "Page", Page=MONEY)
    merged(OWN, {"cashapp-service": cashapp}, ROUTES)

    assert "security" not in cashapp["paths"]["/v1/items/{id}"]["get"]
    assert list(OWN["paths"]) == ["/v1/events"]
