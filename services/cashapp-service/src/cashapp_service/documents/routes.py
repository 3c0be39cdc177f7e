"""Documents over HTTP: a document is posted where its items are found."""

from typing import Annotated, Any

import msgspec
from fastapi import Depends, Response

from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.documents import use_cases
from cashapp_service.documents.domain.document import Document
from cashapp_service.documents.schemas import (
    ItemBatch,
    ItemBatchBody,
    ItemBody,
    ItemDocument,
    document_content,
    read_plainly,
)
from cashapp_service.documents.use_cases import PostedDocument
from shared.errors import InvalidError, OpenItemError
from shared.http.edge import Work, api_router, requires, set_etag
from shared.http.problems import problem_as_result, read_or_refused
from shared.security import Principal

router = api_router("items")

Writer = Annotated[Principal, Depends(requires("items:write"))]


@router.post("/v1/items", status_code=201, responses={200: {"model": ItemDocument}})
async def post_item(body: ItemBody, response: Response, uow: Work, owner: CustomerOwner, _: Writer) -> ItemDocument:
    """Post a document (201). The same document again changes nothing (200); its number with other content is a 409.

    Payment terms in instalments make one item each: the first is the answer, `instalments` names them all. An invoice deducts
    what was paid of the down-payment requests it names.
    """
    (verdict,) = await use_cases.post_documents(uow, [body.document()], owner)
    if isinstance(verdict, OpenItemError):
        raise verdict
    response.status_code = 201 if verdict.created else 200
    set_etag(response, verdict.items[0].item.version)
    return ItemDocument.model_validate(document_content(verdict.items))


@router.post("/v1/items/batch", response_model=ItemBatch)
async def post_items(body: ItemBatchBody, uow: Work, owner: CustomerOwner, _: Writer) -> Response:
    """Post up to 1,000 documents in one transaction: the results in order, each the item or its own problem."""
    read = [_document(one) for one in body.items]
    documents = [one for one in read if isinstance(one, Document)]
    verdicts = iter(await use_cases.post_documents(uow, documents, owner))
    results = [next(verdicts) if isinstance(one, Document) else one for one in read]
    shown = [
        document_content(one.items)
        if isinstance(one, PostedDocument)
        else problem_as_result(one).model_dump(mode="json")
        for one in results
    ]
    # Written as `ItemBatch` would be, a thousand items in a fraction of its time.
    return Response(msgspec.json.encode({"results": shown}), media_type="application/json")


def _document(raw: Any) -> Document | InvalidError:
    if plain := read_plainly(raw):
        return plain
    body = read_or_refused(ItemBody, raw)
    return body.document() if isinstance(body, ItemBody) else body
