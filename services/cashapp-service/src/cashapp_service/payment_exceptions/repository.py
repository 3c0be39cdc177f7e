"""Queries and locks of payment exceptions. One is locked behind the receipts concerned and before any item."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.payment_exceptions.domain.evidence import EvidenceFile
from cashapp_service.payment_exceptions.tables import (
    EvidenceContentRow,
    EvidenceRow,
    PaymentExceptionRow,
    PaymentExceptionStepRow,
)


async def find(session: AsyncSession, exception_id: str) -> PaymentExceptionRow | None:
    """Return a payment exception."""
    return await session.get(PaymentExceptionRow, exception_id)


async def find_for_update(session: AsyncSession, exception_id: str) -> PaymentExceptionRow | None:
    """Return a payment exception as it is now and lock it to the end of the transaction."""
    return await session.get(PaymentExceptionRow, exception_id, with_for_update=True, populate_existing=True)


async def find_by_case(session: AsyncSession, *, receipt_id: str, case_reference: str) -> PaymentExceptionRow | None:
    """Return the payment exception of a receipt that the bank knows by this reference."""
    row = PaymentExceptionRow
    statement = select(row).where(col(row.case_reference) == case_reference, col(row.receipt_id) == receipt_id)
    return (await session.scalars(statement)).one_or_none()


async def find_file(session: AsyncSession, exception_id: str, evidence_id: str) -> EvidenceFile | None:
    """Return a file that is evidence in an exception."""
    row = await session.get(EvidenceRow, evidence_id)
    if row is None or row.exception_id != exception_id or row.file_name is None or row.media_type is None:
        return None
    kept = await session.get(EvidenceContentRow, evidence_id)
    assert kept is not None, "a file has a content"
    return EvidenceFile(kept.content, row.file_name, row.media_type)


async def find_recovered_by(session: AsyncSession, receipt_id: str) -> PaymentExceptionRow | None:
    """Return the payment exception whose money came back with a receipt."""
    statement = select(PaymentExceptionRow).where(col(PaymentExceptionRow.recovery_receipt_id) == receipt_id)
    return (await session.scalars(statement)).one_or_none()


async def overdue_for_update(session: AsyncSession, day: date) -> Sequence[PaymentExceptionRow]:
    """Return the open exceptions whose deadline was before a day and is not flagged, locked in the order of their ids."""
    statement = (
        select(PaymentExceptionRow)
        .where(
            col(PaymentExceptionRow.status) == "open",
            col(PaymentExceptionRow.deadline_on) < day,
            col(PaymentExceptionRow.deadline_passed_on).is_(None),
        )
        .order_by(col(PaymentExceptionRow.exception_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def count_evidence(session: AsyncSession, exception_id: str) -> int:
    """Return how many pieces of evidence there are."""
    statement = select(func.count()).where(col(EvidenceRow.exception_id) == exception_id)
    return int((await session.execute(statement)).scalar_one())


async def evidence_of(session: AsyncSession, exception_id: str) -> Sequence[EvidenceRow]:
    """Return the evidence, the oldest first."""
    statement = select(EvidenceRow).where(col(EvidenceRow.exception_id) == exception_id)
    return (await session.scalars(statement.order_by(col(EvidenceRow.evidence_id)))).all()


async def steps_of(session: AsyncSession, exception_id: str) -> Sequence[PaymentExceptionStepRow]:
    """Return the steps that were taken, in their order."""
    statement = select(PaymentExceptionStepRow).where(col(PaymentExceptionStepRow.exception_id) == exception_id)
    return (await session.scalars(statement.order_by(col(PaymentExceptionStepRow.version)))).all()


def matching(
    *,
    wanted: dict[str, str | None],
    resolved: bool | None,
    deadline_passed: bool | None,
    due_before: date | None,
    min_amount: Decimal | None,
) -> Select[Any]:
    """Return the statement that finds payment exceptions: by columns, and `due_before`, which is not included."""
    row = PaymentExceptionRow
    statement = select(row).where(*(getattr(row, name) == value for name, value in wanted.items() if value is not None))
    if resolved is not None:
        statement = statement.where((col(row.status) == "resolved") == resolved)
    if deadline_passed is not None:
        statement = statement.where(col(row.deadline_passed_on).is_not(None) == deadline_passed)
    if due_before:
        statement = statement.where(col(row.deadline_on) < due_before)
    if min_amount is not None:
        statement = statement.where(col(row.amount) >= min_amount)
    return statement


LAWS = (
    {
        "name": "every_returned_payment_has_its_exception",
        "checked": "select count(*) from payment_exceptions",
        "broken": """
            select format('receipt %s: returned %s, exception %s over %s', r.receipt_id, r.returned, e.exception_id, e.amount)
            from (select receipt_id, returned from receipts where returned <> 0) r
            full join (select receipt_id, sum(amount) amount, min(exception_id) exception_id from payment_exceptions
                       group by receipt_id) e using (receipt_id)
            where e.amount is distinct from r.returned""",
    },
    {
        "name": "money_came_back_with_a_receipt_of_the_same_customer",
        "checked": "select count(*) from payment_exceptions where recovery_receipt_id is not null",
        "broken": """
            select format('exception %s: outcome %s, receipt %s of customer %s', e.exception_id, e.outcome, r.receipt_id,
                          r.customer_id)
            from payment_exceptions e join receipts r on r.receipt_id = e.recovery_receipt_id
            where e.outcome not in ('won', 'represented', 'replaced')
               or (r.company_code, r.currency) <> (e.company_code, e.currency)
               or r.customer_id <> e.customer_id""",
    },
    {
        "name": "no_more_than_the_fee_is_credited_back",
        "checked": "select count(*) from payment_exceptions",
        "broken": """
            select format('exception %s: fee %s, credited %s', e.exception_id, coalesce(f.amount, 0), -c.amount)
            from payment_exceptions e join items c on c.item_id = e.fee_credit_item_id
                 left join items f on f.item_id = e.fee_item_id
            where (c.kind, c.currency, c.customer_id, c.company_code)
                  is distinct from ('credit_memo', f.currency, f.customer_id, f.company_code)
               or -c.amount > f.amount""",
    },
)
"""What must hold of payment exceptions."""
