"""Repairs over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Request

from credit_service.exposure_checks.use_cases import Owner
from credit_service.exposure_repairs import use_cases
from credit_service.exposure_repairs.schemas import Repair, RepairedColumn, RepairedDocument
from credit_service.exposure_repairs.use_cases import told
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("credit")

Repairer = Annotated[Principal, Depends(requires("exposure:repair"))]


def owner(request: Request, caller: Repairer) -> Owner:
    """Return the owner of items and receipts, asked with the caller's own token."""

    async def myself() -> Principal:
        return caller

    return Owner(request.app.state.cashapp, myself)


@router.post("/v1/customers/{customer_id}/exposure/repair")
async def repair_exposure(
    customer_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")],
    uow: Work,
    caller: Repairer,
    asked: Annotated[Owner, Depends(owner)],
) -> Repair:
    """Fetch the owner's documents of a customer again and make its exposure what they say; the answer tells what changed.

    A healthy customer stays as it is. What was held is looked at again.
    """
    repaired = await use_cases.repair(uow, customer_id, asked, by=caller.subject)
    currency = repaired.currency
    return Repair(
        customer_id=customer_id,
        currency=currency,
        changed=repaired.changed,
        exposure=[
            RepairedColumn(category=name, old=told(old, currency), new=told(new, currency))
            for name, (old, new) in repaired.columns.items()
        ],
        documents=[
            RepairedDocument(
                category=one.category, document=one.document or "", old=one.ours, new=one.theirs, why=one.why
            )
            for one in repaired.documents
        ],
        remaining=repaired.remaining,
    )
