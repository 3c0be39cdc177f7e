"""Refunds over HTTP."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.authorities.domain import Decider
from cashapp_service.authorities.routes import decider, refund_authority
from cashapp_service.customers.domain import ROLES_THAT_NEED_BANK_DETAILS, masked
from cashapp_service.refunds import repository, use_cases
from cashapp_service.refunds.domain.refund import Part, RefundStatus
from cashapp_service.refunds.domain.refusals import RefundNotFoundError
from cashapp_service.refunds.schemas import (
    Refund,
    RefundApprovalBody,
    RefundBody,
    RefundCandidate,
    RefundPart,
    RefundPaymentBody,
    RefundRejectionBody,
    RefundReversalBody,
    net_credit,
)
from cashapp_service.refunds.tables import RefundRow
from shared.http.edge import Authenticated, ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import NonNegativeAmount, exact
from shared.security import Principal

router = api_router("refunds")

RefundId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]
Asker = Annotated[Principal, Depends(requires("refunds:write"))]
Approver = Annotated[Decider, Depends(decider("refunds:approve", refund_authority))]
CustomerFilter = Annotated[str | None, Query(min_length=1, max_length=64, description="Whose money")]


def shown(row: RefundRow, parts: list[Part], caller: Principal) -> Refund:
    """Return a refund as `caller` may see it. Who approves sees where the money goes: that is what he answers for."""
    values = row.model_dump() | {"id": row.refund_id, "amount": exact(row.amount, row.currency)}
    needs_it = caller.roles & ROLES_THAT_NEED_BANK_DETAILS or "refunds:approve" in caller.scopes
    if row.bank_account and not needs_it:
        values["bank_account"] = masked(row.bank_account)
    shown_parts = [RefundPart.model_validate(part, from_attributes=True) for part in parts]
    return Refund.model_validate(values | {"parts": shown_parts})


async def _answer(session: AsyncSession, row: RefundRow, response: Response, caller: Principal) -> Refund:
    set_etag(response, row.version)
    parts = await use_cases.parts_by_refund(session, [row])
    return shown(row, parts[row.refund_id], caller)


@router.post("/v1/refunds", status_code=201)
async def request_refund(body: RefundBody, response: Response, uow: Work, caller: Asker) -> Refund:
    """Ask for money to be paid back to a customer; every refund waits for another person, whatever its amount.

    Nothing is set aside while it waits: its money may still be applied, and approving looks again at what is left.
    """
    row = await use_cases.request_refund(uow, body.wanted(), by=caller.subject)
    return await _answer(uow.session, row, response, caller)


@router.get("/v1/refunds")
async def list_refunds(
    session: Reading,
    page: Paging,
    caller: Reader,
    customer_id: CustomerFilter = None,
    status: Annotated[RefundStatus | None, Query(description="Where the refund stands")] = None,
    requested_by: Annotated[str | None, Query(min_length=1, max_length=200, description="Who asked")] = None,
) -> Page[Refund]:
    """List refunds, newest first."""
    statement = repository.matching(customer_id=customer_id, status=status, requested_by=requested_by)
    rows, cursor = await fetch_page(session, statement, by=(RefundRow.refund_id,), page=page, descending=True)
    parts = await use_cases.parts_by_refund(session, rows)
    return Page(data=[shown(row, parts[row.refund_id], caller) for row in rows], next_cursor=cursor)


@router.get("/v1/refunds/candidates")
async def list_candidates(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: CustomerFilter = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217 code")] = None,
    min_credit: Annotated[NonNegativeAmount, Query(description="Least credit, in its own currency")] = Decimal(0),
    without_debt: Annotated[bool, Query(description="Only customers who owe nothing in the same currency")] = False,
) -> Page[RefundCandidate]:
    """List what customers have to their credit: unapplied money, money on account, open credit memos."""
    rows, cursor = await repository.candidates(
        session,
        customer_id=customer_id,
        currency=currency,
        min_credit=min_credit,
        without_debt=without_debt,
        page=page,
    )
    data = []
    for row in rows:
        amounts = {name: exact(getattr(row, name), row.currency) for name in ("credit", "pending", "owed")}
        net = net_credit(amounts["credit"], amounts["pending"], amounts["owed"])
        values = {**row._mapping, **amounts, "net_credit": exact(net, row.currency)}
        data.append(RefundCandidate.model_validate(values))
    return Page(data=data, next_cursor=cursor)


@router.get("/v1/refunds/{refund_id}")
async def get_refund(refund_id: RefundId, response: Response, session: Reading, caller: Reader) -> Refund:
    """Return a refund."""
    row = await repository.find(session, refund_id)
    if row is None:
        raise RefundNotFoundError(refund_id)
    return await _answer(session, row, response, caller)


@router.post("/v1/refunds/{refund_id}/approve")
async def approve_refund(
    refund_id: RefundId,
    response: Response,
    uow: Work,
    caller: Authenticated,
    by: Approver,
    expected: ExpectedVersion,
    body: RefundApprovalBody | None = None,
) -> Refund:
    """Approve a refund and post it. Nobody approves his own, nor above his authority in its currency.

    Where money of it was applied or refunded meanwhile, it is a 409 and nothing is posted.
    """
    body = body or RefundApprovalBody()
    row = await use_cases.approve(
        uow, refund_id, by=by, note=body.note, refunded_on=body.refunded_on, expected_version=expected
    )
    return await _answer(uow.session, row, response, caller)


@router.post("/v1/refunds/{refund_id}/reject")
async def reject_refund(
    refund_id: RefundId,
    body: RefundRejectionBody,
    response: Response,
    uow: Work,
    caller: Authenticated,
    by: Approver,
    expected: ExpectedVersion,
) -> Refund:
    """Refuse a refund. Nobody decides his own, nor above his authority."""
    row = await use_cases.reject(uow, refund_id, by=by, note=body.note, expected_version=expected)
    return await _answer(uow.session, row, response, caller)


@router.post("/v1/refunds/{refund_id}/cancel")
async def cancel_refund(
    refund_id: RefundId, response: Response, uow: Work, caller: Asker, expected: ExpectedVersion
) -> Refund:
    """Take one's own waiting refund back."""
    row = await use_cases.cancel(uow, refund_id, by=caller.subject, expected_version=expected)
    return await _answer(uow.session, row, response, caller)


@router.post("/v1/refunds/{refund_id}/pay")
async def record_refund_payment(
    refund_id: RefundId,
    body: RefundPaymentBody,
    response: Response,
    uow: Work,
    caller: Asker,
    expected: ExpectedVersion,
) -> Refund:
    """Record that the bank has paid an approved refund."""
    row = await use_cases.record_payment(
        uow, refund_id, reference=body.payment_reference, paid_on=body.paid_on, expected_version=expected
    )
    return await _answer(uow.session, row, response, caller)


@router.post("/v1/refunds/{refund_id}/reverse")
async def reverse_refund(
    refund_id: RefundId,
    body: RefundReversalBody,
    response: Response,
    uow: Work,
    caller: Authenticated,
    by: Approver,
    expected: ExpectedVersion,
) -> Refund:
    """Take a posted refund back, as its transfer failed or came back: the money is the customer's again."""
    row = await use_cases.reverse(
        uow, refund_id, by=by, reason=body.reason, posting_date=body.posting_date, expected_version=expected
    )
    return await _answer(uow.session, row, response, caller)
