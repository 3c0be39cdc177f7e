"""What can be done with reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.releases import use_cases as releases
from credit_service.reviews import repository
from credit_service.reviews.domain import Horizon, Outcome, due, next_review
from credit_service.reviews.schemas import Review, ReviewDue, due_shown, shown
from credit_service.reviews.tables import AccountReviewRow
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def review(
    uow: UnitOfWork,
    customer_id: str,
    *,
    outcome: Outcome,
    note: str,
    reviewed_on: date | None,
    next_review_on: date | None,
    months_by_class: Mapping[str, int],
    by: str,
) -> AccountReviewRow:
    """Record that a customer's credit was looked at, and when it is to be looked at next.

    Raises `CustomerNotFoundError`, `NextReviewError`.
    """
    account = await credit_accounts.locked_account(uow, customer_id)
    day = reviewed_on or uow.clock.today()
    following = next_review(day, next_review_on, months=months_by_class.get(account.risk_class, 12))
    row = AccountReviewRow(
        review_id=new_id("rvw"),
        customer_id=customer_id,
        outcome=outcome,
        note=note,
        reviewed_on=day,
        due_on=account.next_review_on,
        next_review_on=following,
        reviewed_by=by,
        reviewed_at=uow.clock.now(),
    )
    uow.session.add(row)
    await credit_accounts.schedule_reviews(uow, {customer_id: following})
    old = {"next_review_on": None if row.due_on is None else row.due_on.isoformat()}
    new = {"next_review_on": following.isoformat(), "outcome": outcome, "reviewed_on": day.isoformat()}
    await journal.record(uow, Entry(customer_id, "account.reviewed", by, row.review_id, old, new, note))
    await releases.recheck(uow, replace(account, next_review_on=following))
    return row


async def due_ones(session: AsyncSession, customer_ids: Sequence[str], horizon: Horizon) -> list[ReviewDue]:
    """Return these customers, in the same order, with why their credit has to be looked at."""
    accounts = await credit_accounts.accounts(session, customer_ids)
    customers = await repository.reviewed(session, customer_ids)
    return [
        due_shown(account, why, customers[account.customer_id], horizon.as_of)
        for account in (accounts[customer_id] for customer_id in customer_ids)
        if (why := due(account, horizon)) is not None
    ]


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[Review]:
    """Return a customer's newest reviews for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
