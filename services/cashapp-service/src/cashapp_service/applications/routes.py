"""Receipts that come in and are applied, over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import repository, use_cases
from cashapp_service.applications.domain.allocation import ZERO, Allocation
from cashapp_service.applications.domain.decision import Recorder
from cashapp_service.applications.schemas import (
    AllocationView,
    ApplicationBody,
    ApplicationSummary,
    ApplicationView,
    ExchangeRateShown,
    IdentificationBody,
    MissingExchange,
    Proposals,
    ProposalView,
    ProposedAllocation,
    ReversalBody,
)
from cashapp_service.applications.tables import ApplicationRow
from cashapp_service.applications.use_cases import policy_of
from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.exchange_rates.routes import RateOwner
from cashapp_service.items.domain.item import NumberTakenError
from cashapp_service.matching.domain import Proposal
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.routes import ReceiptId, view
from cashapp_service.receipts.schemas import MatchEvidence, ReceiptView
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("receipts")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Receiver = Annotated[Principal, Depends(requires("receipts:write"))]
Applier = Annotated[Principal, Depends(requires("receipts:apply"))]
ApplicationId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Key = Annotated[str | None, Query(min_length=1, max_length=64, description="What the application concerns")]


def recorder(request: Request, caller: Principal) -> Recorder:
    """Return who applies, under the policy of the settings."""
    return Recorder(by=caller.subject, policy=policy_of(request.app.state.settings), roles=caller.roles)


@router.get("/v1/receipts/{receipt_id}/proposals")
async def list_proposals(
    receipt_id: ReceiptId, request: Request, session: Reading, rates: RateOwner, caller: Reader
) -> Proposals:
    """Return ways to apply what is left of a receipt, the surest first, each with what speaks for and against it.

    Items in another currency that it names are valued at the exchange rate stored for its value date; where that cannot be had,
    `missing` says so, and the other proposals are there.
    """
    receipt = await receipts.find(session, receipt_id)
    found = await use_cases.proposals(session, receipt, recorder(request, caller), ask_rate=rates)
    return Proposals(
        data=[_proposal(one) for one in found.proposals],
        missing=[MissingExchange.model_validate(one, from_attributes=True) for one in found.rates.missing],
    )


def _proposal(proposal: Proposal) -> ProposalView:
    return ProposalView(
        customer_id=proposal.customer_id,
        allocations=[
            ProposedAllocation(
                item_id=one.item_id,
                amount=one.amount.amount,
                discount=one.discount.amount,
                tolerance_write_off=one.tolerance.amount if one.tolerance else ZERO,
                shortfall=one.shortfall.value if one.shortfall else None,
                reason_code=one.reason_code,
                receipt_amount=one.receipt_amount.amount if one.receipt_amount else None,
            )
            for one in proposal.allocations
        ],
        exchange_rates=[ExchangeRateShown(currency=currency, rate=rate) for currency, rate in proposal.rates],
        on_account=proposal.on_account.amount,
        confidence=proposal.confidence,
        automatic=proposal.automatic,
        method=proposal.method.value,
        explanation=[MatchEvidence(detail=one.detail, supports=one.supports) for one in proposal.explanation],
    )


@router.post("/v1/receipts/{receipt_id}/identify")
async def identify_receipt(
    receipt_id: ReceiptId,
    body: IdentificationBody,
    uow: Work,
    owner: CustomerOwner,
    caller: Applier,
    expected: ExpectedVersion,
) -> ReceiptView:
    """Say whose receipt it is: its money becomes unapplied money of that customer."""
    await use_cases.identify_receipt(
        uow, receipt_id, customer_id=body.customer_id, ask_owner=owner, expected_version=expected
    )
    return await view(uow.session, receipt_id, caller)


@router.post("/v1/receipts/{receipt_id}/applications", status_code=201)
async def apply_receipt(
    receipt_id: ReceiptId,
    request: Request,
    response: Response,
    uow: Work,
    owner: CustomerOwner,
    rates: RateOwner,
    caller: Applier,
    expected: ExpectedVersion,
    body: ApplicationBody | None = None,
) -> ApplicationView:
    """Apply a receipt to items, or put money on account. Without a body, the best proposal is taken.

    More than is left of the receipt, or of an item, is a 409 that says how much there is; an item that stands twice among the
    allocations a 422 `item_twice`, and an application of nothing a 422 `nothing_applied`. `If-Match` takes the receipt's.
    """
    decision = body.decision() if body else None
    _, row = await uow.retried(
        lambda: use_cases.apply_receipt(
            uow,
            receipt_id,
            decision,
            recorder=recorder(request, caller),
            ask_owner=owner,
            ask_rate=rates,
            expected_version=expected,
        ),
        # That of a residual item: the next one is free.
        also=(NumberTakenError,),
    )
    set_etag(response, row.version)
    return await _shown(uow.session, row, caller)


@router.get("/v1/applications")
async def list_applications(
    session: Reading,
    page: Paging,
    _: Reader,
    receipt_id: Key = None,
    item_id: Key = None,
    customer_id: Annotated[str | None, Query(min_length=1, max_length=64, description="Who paid")] = None,
    status: Annotated[Literal["active", "reversed"] | None, Query(description="Where it stands")] = None,
) -> Page[ApplicationSummary]:
    """List applications in the order in which they were made."""
    statement = repository.matching(receipt_id=receipt_id, item_id=item_id, customer_id=customer_id, status=status)
    rows, cursor = await fetch_page(session, statement, by=(ApplicationRow.application_id,), page=page)
    return Page(data=[ApplicationSummary.model_validate(_head(row)) for row in rows], next_cursor=cursor)


@router.get("/v1/applications/{application_id}")
async def get_application(
    application_id: ApplicationId, response: Response, session: Reading, caller: Reader
) -> ApplicationView:
    """Return an application with what it took, item by item."""
    row = await use_cases.application(session, application_id)
    set_etag(response, row.version)
    return await _shown(session, row, caller)


@router.post("/v1/applications/{application_id}/reverse")
async def reverse_application(
    application_id: ApplicationId,
    response: Response,
    uow: Work,
    caller: Applier,
    expected: ExpectedVersion,
    body: ReversalBody | None = None,
) -> ApplicationView:
    """Take an application back: its items are open again, its money is where it came from.

    A residual item that it opened is taken back too, unless something was paid on it meanwhile. `If-Match` takes the
    application's version; a second reversal is a 409.
    """
    posting_date = body.posting_date if body else None
    _, row = await uow.retried(
        lambda: use_cases.reverse_application(uow, application_id, posting_date=posting_date, expected_version=expected)
    )
    set_etag(response, row.version)
    return await _shown(uow.session, row, caller)


def _head(row: ApplicationRow) -> dict[str, Any]:
    return row.model_dump() | {
        "id": row.application_id,
        "amount": exact(row.from_unapplied + row.from_on_account, row.currency),
        "on_account": exact(row.to_on_account, row.currency),
    }


async def _shown(session: AsyncSession, row: ApplicationRow, caller: Principal) -> ApplicationView:
    allocations = await use_cases.allocations_of(session, row)
    return ApplicationView.model_validate(
        _head(row)
        | {
            "allocations": [_allocation(one) for one in allocations],
            "receipt": await view(session, row.receipt_id, caller),
        }
    )


def _allocation(one: Allocation) -> AllocationView:
    # There may be ten thousand, and all of it was checked when it was stored.
    return AllocationView.model_construct(
        item_id=one.item_id,
        number=one.number,
        customer_id=one.customer_id,
        currency=one.currency,
        receipt_amount=one.receipt_amount,
        exchange_rate=one.exchange_rate,
        exchange_difference=one.exchange_difference,
        amount=one.payment,
        credit=one.credit,
        discount=one.discount,
        discount_taken_back=one.discount_taken_back,
        tolerance_write_off=one.tolerance,
        shortfall=one.shortfall,
        shortfall_amount=one.shortfall_amount,
        residual_item_id=one.residual_item_id,
        reason_code=one.reason_code,
    )
