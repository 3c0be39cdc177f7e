"""Items over HTTP."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Response

from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.documents.domain.document import Document
from cashapp_service.documents.domain.lines import taxed
from cashapp_service.items import repository, use_cases
from cashapp_service.items.domain.item import ItemNotFoundError
from cashapp_service.items.schemas import (
    DownPaymentSettlement,
    DueDateBody,
    Item,
    ItemApplication,
    ItemBatch,
    ItemBatchBody,
    ItemBody,
    ItemDetail,
    ItemDocument,
    ItemFilter,
    TaxPart,
    content_of,
    document_content,
    read_plainly,
)
from cashapp_service.items.tables import DownPaymentSettlementRow, ItemRow, to_posted
from cashapp_service.items.use_cases import PostedDocument
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Clearing, clearings
from shared.errors import InvalidError, OpenItemError
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.http.problems import problem_as_result, read_or_refused
from shared.money import Money, exact
from shared.security import Principal

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Writer = Annotated[Principal, Depends(requires("items:write"))]


def shown(row: ItemRow, balance: Decimal | None = None) -> Item:
    """Return an item on the wire, with its present balance or the one given."""
    content = content_of(to_posted(row))
    if balance is not None:
        content |= {"balance": exact(balance, row.currency), "status": "open" if balance else "cleared"}
    return Item.model_validate(content)


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


@router.post("/v1/items/{item_id}/due-date", status_code=200)
async def change_due_date(
    item_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    body: DueDateBody,
    response: Response,
    uow: Work,
    expected: ExpectedVersion,
    _: Writer,
) -> Item:
    """Make an open item due on another day. Cash discounts stay as they are; the history tells who changed it why."""
    item = await use_cases.change_due_date(uow, item_id, expected_version=expected, **body.model_dump())
    set_etag(response, item.version)
    (row,) = await repository.find_many(uow.session, [item_id])
    await uow.session.refresh(row)
    return shown(row)


@router.get("/v1/items/{item_id}")
async def get_item(
    item_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    response: Response,
    session: Reading,
    _: Reader,
) -> ItemDetail:
    """Return an item with what was applied to it."""
    row = await repository.find(session, item_id)
    if row is None:
        raise ItemNotFoundError(item_id)
    set_etag(response, row.version)
    found = clearings(await ledger.postings_of_items(session, [item_id]))
    rows = [row] if row.instalment is None else await repository.document_of(session, row)
    settlements = await repository.settlements_of(session, [one.item_id for one in rows])
    # The positive amounts of the document as it was posted, of which its lines tell the tax.
    total = Money(exact(abs(sum((one.amount for one in rows), Decimal(0))), row.currency), row.currency)
    document = document_content([to_posted(one) for one in rows]) | content_of(to_posted(row))
    return ItemDetail(
        applications=[_application(one, row.currency) for one in found],
        taxes=[TaxPart.model_validate(asdict(one)) for one in taxed(rows[0].lines, total, None).shares],
        down_payments=[_settlement(one, row.currency) for one in settlements],
        **document,
    )


def _settlement(row: DownPaymentSettlementRow, currency: str) -> DownPaymentSettlement:
    return DownPaymentSettlement(
        request_id=row.request_item_id,
        item_id=row.item_id,
        deducted=exact(row.deducted, currency),
        withdrawn=exact(row.withdrawn, currency),
    )


def _application(clearing: Clearing, currency: str) -> ItemApplication:
    def taken(kind: str) -> Decimal:
        return exact(clearing.by_kind.get(kind, Decimal(0)), currency)

    return ItemApplication(
        application_id=clearing.application_id,
        receipt_id=clearing.receipt_id,
        dispute_id=clearing.dispute_id,
        posting_date=clearing.posting_date,
        amount=taken("payment"),
        discount=taken("discount"),
        credit=taken("credit"),
        tolerance_write_off=taken("tolerance"),
        residual=taken("residual"),
        reversed_on=clearing.reversed_on,
    )


@router.get("/v1/items")
async def list_items(
    session: Reading,
    page: Paging,
    _: Reader,
    wanted: Annotated[ItemFilter, Depends()],
) -> Page[Item]:
    """List items by due date. With `as_of`, those posted by that day with the balance they had, from the postings."""
    statement = repository.matching(wanted)
    rows, cursor = await fetch_page(session, statement, by=(ItemRow.due_date, ItemRow.item_id), page=page)
    balances = await _balances(session, rows, wanted.as_of)
    return Page(data=[shown(row, balances.get(row.item_id)) for row in rows], next_cursor=cursor)


async def _balances(session: Any, rows: list[ItemRow], as_of: date | None) -> dict[str, Decimal]:
    if as_of is None:
        return {}
    return await repository.balances_as_of(session, [row.item_id for row in rows], as_of)
