"""Ages receivables: postings in, lines out."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.aging.domain import Aged, Buckets
from collections_service.receivables import use_cases as receivables
from collections_service.receivables.domain import Basis, Dimension


@dataclass(frozen=True, slots=True)
class AgingQuestion:
    """What is asked of an aging."""

    as_of: date
    buckets: Buckets
    basis: Basis
    group_by: Dimension
    customer_id: str | None


async def age_receivables(session: AsyncSession, question: AgingQuestion) -> dict[tuple[str | None, str], Aged]:
    """Return the lines of an aging by (key, currency), from the postings up to and with its day."""
    columns = len(question.buckets.names)
    lines: dict[tuple[str | None, str], Aged] = {}
    for part in await receivables.aged_amounts(
        session,
        as_of=question.as_of,
        basis=question.basis,
        starts=question.buckets.starts(question.as_of),
        group_by=question.group_by,
        customer_id=question.customer_id,
    ):
        line = lines.setdefault((part.key, part.amount.currency), Aged.empty(part.amount.currency, columns))
        line.add(part.bucket, part.amount)
    return {key: line for key, line in lines.items() if line.says_something}
