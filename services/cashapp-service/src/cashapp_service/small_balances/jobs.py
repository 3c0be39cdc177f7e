"""The job that runs over small balances."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cashapp_service.authorities.domain import Authority
from cashapp_service.small_balances import use_cases
from cashapp_service.small_balances.domain import SmallBalance, Sums, WantedRun
from shared.jobs import JobOutcome, RunningJob
from shared.money import exact
from shared.unit_of_work import UnitOfWork

SMALL_BALANCES = "write_offs.small_balances"
SHOWN_MAX = 100


def params_of(wanted: WantedRun, *, dry_run: bool, authority: Authority) -> dict[str, Any]:
    """Return a run with the authority of who asks for it, as a job keeps them."""
    most = authority.most(wanted.currency)
    return {
        "as_of": wanted.as_of.isoformat(),
        "company_code": wanted.company_code,
        "currency": wanted.currency,
        "max_amount": str(wanted.max_amount),
        "older_than_days": wanted.older_than_days,
        "dry_run": dry_run,
        "unlimited": authority.unlimited,
        "most": str(most) if most is not None else None,
    }


async def run_small_balances(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Clear small balances, or have them wait for another person, or only tell which they are."""
    params = job.params
    wanted = WantedRun(
        as_of=date.fromisoformat(params["as_of"]),
        company_code=params["company_code"],
        currency=params["currency"],
        max_amount=Decimal(params["max_amount"]),
        older_than_days=params["older_than_days"],
    )
    if params["dry_run"]:
        found = await use_cases.preview(uow.session, wanted)
        return JobOutcome(_result(None, None, found.sums, found.balances, wanted.currency, more=found.more))
    most = {wanted.currency: Decimal(params["most"])} if params["most"] is not None else {}
    authority = Authority(most, unlimited=params["unlimited"])
    row, found = await use_cases.run(uow, wanted, by=job.requested_by, authority=authority)
    return JobOutcome(_result(row.run_id, row.status, found.sums, found.balances, wanted.currency, more=found.more))


def _result(
    run_id: str | None, status: str | None, sums: Sums, balances: Sequence[SmallBalance], currency: str, *, more: bool
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "status": status,
        "items": sums.items,
        "debits": str(exact(sums.debits, currency)),
        "credits": str(exact(sums.credits, currency)),
        "currency": currency,
        "more": more,
        "first": [
            {"item_id": one.item_id, "number": one.number, "customer_id": one.customer_id, "balance": str(one.balance)}
            for one in balances[:SHOWN_MAX]
        ],
    }
