"""Queries of reviews, and of the accounts that are due for one.

The list of what is due reads columns of the customer and the account beside each other, to sort and page in the database.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, case, column, func, null, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.reviews.domain import Horizon, Reviewed
from credit_service.reviews.tables import AccountReviewRow

_ACCOUNTS = table(
    "credit_accounts",
    column("customer_id", String),
    column("risk_class", String),
    column("next_review_on", Date),
    column("limit_valid_until", Date),
    column("temporary_until", Date),
)
_CUSTOMERS = table("customers", column("customer_id", String), column("name", String), column("credit_analyst", String))


def of_customer(customer_id: str) -> Select[Any]:
    """Return the statement that lists the reviews of a customer."""
    return select(AccountReviewRow).where(col(AccountReviewRow.customer_id) == customer_id)


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that finds the newest reviews of a customer."""
    return of_customer(customer_id).order_by(col(AccountReviewRow.review_id).desc()).limit(count)


def _if(condition: ColumnElement[bool], day: Any) -> ColumnElement[date]:
    return case((condition, day), else_=null())


def due_on(horizon: Horizon) -> ColumnElement[date]:
    """Return the earliest day for which an account has to be looked at, null where it need not be."""
    days = [_if(_ACCOUNTS.c.next_review_on < horizon.due_before, _ACCOUNTS.c.next_review_on)]
    if horizon.limits_until is not None:
        ends = (_ACCOUNTS.c.limit_valid_until, _ACCOUNTS.c.temporary_until)
        days += [_if(end <= horizon.limits_until, end) for end in ends]
    return func.least(*days, type_=Date) if len(days) > 1 else days[0]


def accounts_due(horizon: Horizon, *, analyst: str | None, risk_class: str | None) -> tuple[Select[Any], Sequence[Any]]:
    """Return the statement that lists the customers whose credit has to be looked at, and the key it sorts by."""
    soon = [_ACCOUNTS.c.next_review_on < horizon.due_before]
    if horizon.limits_until is not None:
        soon.append(_ACCOUNTS.c.limit_valid_until <= horizon.limits_until)
        soon.append(_ACCOUNTS.c.temporary_until <= horizon.limits_until)
    statement = select(_ACCOUNTS.c.customer_id).where(or_(*soon))
    if analyst is not None:
        watched = select(_CUSTOMERS.c.customer_id).where(_CUSTOMERS.c.credit_analyst == analyst)
        statement = statement.where(_ACCOUNTS.c.customer_id.in_(watched))
    if risk_class is not None:
        statement = statement.where(_ACCOUNTS.c.risk_class == risk_class)
    return statement, (due_on(horizon), _ACCOUNTS.c.customer_id)


async def reviewed(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Reviewed]:
    """Return who these customers are and when each was reviewed last."""
    last = (
        select(func.max(AccountReviewRow.reviewed_on))
        .where(col(AccountReviewRow.customer_id) == _CUSTOMERS.c.customer_id)
        .scalar_subquery()
    )
    statement = select(_CUSTOMERS.c.customer_id, _CUSTOMERS.c.name, _CUSTOMERS.c.credit_analyst, last)
    mine = _CUSTOMERS.c.customer_id.in_(list(customer_ids))
    return {row[0]: Reviewed(*row[1:]) for row in await session.execute(statement.where(mine))}
