"""The documents over HTTP; they are open to everyone."""

from functools import cache

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from gateway.documents.use_cases import ApiDocument
from shared.errors import NotFoundError
from shared.events import EVENT_TYPES
from shared.events.contracts import asyncapi, event_schema

router = APIRouter(include_in_schema=False)

SCHEMA_MEDIA_TYPE = "application/schema+json"


class SchemaNotFoundError(NotFoundError):
    """There is no such schema."""

    code = "schema_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such schema: the events and their schemas are in /asyncapi.json.")


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI 3.1 document of the whole system."""
    document: ApiDocument = request.app.state.api_document
    return JSONResponse(await document.current())


@cache
def _events_document() -> JSONResponse:
    return JSONResponse(asyncapi())


@router.get("/asyncapi.json")
async def events_document() -> JSONResponse:
    """Return the AsyncAPI 3 document of the public events."""
    return _events_document()


@router.get("/schemas/{event_type}.{version}.json")
async def schema(event_type: str, version: str) -> JSONResponse:
    """Return the JSON Schema of one event, as its `dataschema` names it."""
    model = EVENT_TYPES.get(event_type)
    if model is None or model.schema_version != version:
        raise SchemaNotFoundError
    return JSONResponse(event_schema(model), media_type=SCHEMA_MEDIA_TYPE)


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Show the OpenAPI document."""
    return get_swagger_ui_html(openapi_url="/openapi.json", title="OpenItem")
