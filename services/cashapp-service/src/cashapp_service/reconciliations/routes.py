"""Cash reconciliations over HTTP, for reading only."""

from typing import Annotated

from fastapi import Depends, Query

from cashapp_service.bank_accounts.domain import normalised
from cashapp_service.periods.domain import Period
from cashapp_service.reconciliations import use_cases
from cashapp_service.reconciliations.schemas import CashReconciliations, shown
from shared.database import see_one_moment
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("close")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]


@router.get("/v1/reconciliations/cash")
async def reconcile_cash(
    session: Reading,
    _: Reader,
    period: Annotated[str, Query(max_length=10, description="Year and month, such as 2026-10", examples=["2026-10"])],
    company_code: Annotated[str | None, Query(max_length=20, description="One company; default all")] = None,
    account: Annotated[str | None, Query(max_length=64, description="House bank account, however written")] = None,
) -> CashReconciliations:
    """Set what the bank says at the end of a month against the ledger, per house bank account, with each cause of a difference.

    Causes: receipts, returns and refunds in transit; credits of the bank booked later; debits of the bank, which are entries of
    a statement without a booking in this ledger; the balance before the first statement; missing and unproved statements.
    """
    month = Period.parse(period)
    await see_one_moment(session)
    found = await use_cases.reconcile_cash(
        session, first_day=month.first_day, last_day=month.last_day, company_code=company_code
    )
    wanted = normalised(account) if account else None
    data = [shown(one) for one in found if wanted is None or one.account == wanted]
    return CashReconciliations(period=str(month), as_of=month.last_day, data=data)
