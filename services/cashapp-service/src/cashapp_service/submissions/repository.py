"""Queries of submissions. They are changed only under the lock of their document's items."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.submissions.tables import SubmissionRow, SubmissionStepRow


async def of_items(session: AsyncSession, item_ids: Collection[str]) -> list[SubmissionRow]:
    """Return the submissions of documents (their first items), the latest last."""
    statement = select(SubmissionRow).where(col(SubmissionRow.item_id).in_(item_ids))
    ordered = statement.order_by(col(SubmissionRow.item_id), col(SubmissionRow.position))
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


def matching(*, item_id: str) -> Select[Any]:
    """Return the statement that finds the submissions of a document by its first item."""
    return select(SubmissionRow).where(col(SubmissionRow.item_id) == item_id)


async def steps_of(session: AsyncSession, submission_ids: Collection[str]) -> list[SubmissionStepRow]:
    """Return the statuses that submissions went through, in the order in which they were recorded."""
    statement = select(SubmissionStepRow).where(col(SubmissionStepRow.submission_id).in_(submission_ids))
    return list(await session.scalars(statement.order_by(col(SubmissionStepRow.recorded_at))))


async def add(session: AsyncSession, rows: Sequence[SubmissionRow], steps: Sequence[SubmissionStepRow]) -> None:
    """Keep new submissions and steps, and what changed of those that were read."""
    session.add_all(rows)
    await session.flush()
    session.add_all(steps)
    await session.flush()


# An instalment stands for its document; what is paid needs no delivery any more.
_UNDELIVERED = """
    select i.item_id, i.document_number, i.kind, i.company_code, i.customer_id, i.issue_date, i.due_date, i.amount, i.balance,
           i.currency, i.po_number, i.submission, c.names ->> 0 as customer_name, c.payment_requirements,
           s.channel, s.reference, s.failure_reason, s.submitted_on
    from items i
    join customers c using (customer_id)
    left join lateral (select * from submissions s where s.item_id = i.item_id order by position desc limit 1) s on true
    where i.status = 'open' and i.submission in ('pending', 'submitted', 'failed') and coalesce(i.instalment, 1) = 1
      and (i.submission = 'failed' or i.issue_date <= :issued_until
           or (i.po_number is null and (c.payment_requirements ->> 'po_required')::boolean)
           or (i.kind = 'down_payment_request' and i.submission = 'pending'))
      and i.issue_date <= :as_of and (i.issue_date, i.item_id) > (:after_date, :after_id)
"""
_FILTERS = {
    "customer_id": "i.customer_id = :customer_id",
    "company_code": "i.company_code = :company_code",
    "kind": "i.kind = :kind",
}


async def undelivered(
    session: AsyncSession,
    *,
    as_of: date,
    issued_until: date,
    after: tuple[date, str],
    most: int,
    wanted: dict[str, str],
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return documents that are not delivered though issued up to `issued_until`, or that cannot be, the oldest first.

    `wanted` holds values of customer_id, company_code and kind; `after` is the (issue date, item) to go on behind.
    """
    conditions = "".join(f" and {_FILTERS[name]}" for name in wanted)
    statement = text(f"{_UNDELIVERED}{conditions} order by i.issue_date, i.item_id limit :most")
    values = {"as_of": as_of, "issued_until": issued_until, "after_date": after[0], "after_id": after[1], "most": most}
    return (await session.execute(statement, values | wanted)).all()


_FAILED = text(
    "select currency, sum(balance) as amount, count(*) as how_many from items where status = 'open' and submission = 'failed' "
    "and company_code = :company_code and posting_date <= :last_day group by currency order by currency"
)


async def failed(session: AsyncSession, *, company_code: str, last_day: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (currency, amount, how_many) of the open items whose latest submission failed, posted up to a day."""
    return (await session.execute(_FAILED, {"company_code": company_code, "last_day": last_day})).all()


LAWS = (
    {
        "name": "items_show_their_latest_submission",
        "checked": "select count(*) from submissions",
        "broken": """
            select format('item %s (%s): shows %s, its submissions say %s', i.number, i.item_id, i.submission, s.state)
            from items i left join (
                select distinct on (item_id) item_id, case when status = 'submitted' and exists (
                           select from submissions d where d.item_id = latest.item_id and d.status = 'delivered')
                       then 'delivered' else status end state
                from submissions latest order by item_id, position desc) s
            on s.item_id = case when coalesce(i.instalment, 1) = 1 then i.item_id else (
                select f.item_id from items f where (f.company_code, f.document_number, coalesce(f.instalment, 1))
                                                    = (i.company_code, i.document_number, 1)) end
            where i.submission <> s.state or (s.state is null and i.submission not in ('pending', 'not_required'))""",
    },
    {
        "name": "submissions_stand_where_their_last_step_is",
        "checked": "select count(*) from submission_steps",
        "broken": """
            select format('submission %s is %s, and never became so', submission_id, status) from submissions
            where not exists (select from submission_steps t
                              where (t.submission_id, t.status) = (submissions.submission_id, submissions.status))""",
    },
)
"""What must hold of submissions and what items show of them."""
