"""One item over HTTP, with all that it stands beside."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path, Response

from cashapp_service.documents import use_cases as documents
from cashapp_service.documents.domain.down_payments import SettledRequest
from cashapp_service.documents.domain.lines import taxed
from cashapp_service.documents.schemas import document_content
from cashapp_service.item_details.schemas import DownPaymentSettlement, ItemApplication, ItemDetail, TaxPart
from cashapp_service.items import use_cases as items
from cashapp_service.items.schemas import content_of
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Clearing, clearings
from shared.http.edge import Reading, api_router, requires, set_etag
from shared.money import Money, exact
from shared.security import Principal

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]


@router.get("/v1/items/{item_id}")
async def get_item(
    item_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    response: Response,
    session: Reading,
    _: Reader,
) -> ItemDetail:
    """Return an item with what was applied to it."""
    document = await items.document_of(session, item_id)
    own = next(one for one in document if one.item.item_id == item_id)
    set_etag(response, own.item.version)
    found = clearings(await ledger.postings_of_items(session, [item_id]))
    settlements = await documents.settlements_of(session, [one.item.item_id for one in document])
    currency = own.item.currency
    # The positive amounts of the document as it was posted, of which its lines tell the tax.
    total = Money(exact(abs(sum((one.item.amount for one in document), Decimal(0))), currency), currency)
    content = document_content(document) | content_of(own)
    return ItemDetail(
        applications=[_application(one, currency) for one in found],
        taxes=[TaxPart.model_validate(asdict(one)) for one in taxed(document[0].lines, total, None).shares],
        down_payments=[_settlement(one, currency) for one in settlements],
        **content,
    )


def _settlement(settled: SettledRequest, currency: str) -> DownPaymentSettlement:
    return DownPaymentSettlement(
        request_id=settled.request_item_id,
        item_id=settled.item_id,
        deducted=exact(settled.deducted, currency),
        withdrawn=exact(settled.withdrawn, currency),
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
