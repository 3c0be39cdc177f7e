"""Aging over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Request

from collections_service.aging import use_cases
from collections_service.aging.domain import Aged, Buckets, sum_up
from collections_service.aging.schemas import Aging, AgingLine, AgingTotal
from collections_service.receivables.domain import Basis, Dimension
from shared.days import Day
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("aging")

Reader = Annotated[Principal, Depends(requires("collections:read"))]


def total_of(line: Aged, buckets: Buckets) -> AgingTotal:
    """Return a line as callers see it."""
    return AgingTotal(
        currency=line.currency,
        amounts={name: amount.amount for name, amount in zip(buckets.names, line.amounts, strict=True)},
        unapplied=line.unapplied.amount,
        total=line.total.amount,
    )


@router.get("/v1/aging")
async def get_aging(
    request: Request,
    session: Reading,
    _: Reader,
    as_of: Annotated[Day | None, Query(description="YYYY-MM-DD; default today")] = None,
    group_by: Annotated[Dimension, Query(description="What a line is of")] = "customer",
    basis: Annotated[Basis, Query(description="The day from which days late are counted")] = "due_date",
    buckets: Annotated[
        str,
        Query(max_length=100, description="Last day of each bucket after not due, ascending", examples=["30,60,90"]),
    ] = "30,60,90",
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
) -> Aging:
    """Return what is owed by how late it is, as of any day, from the postings up to and with that day.

    An item that is due on the day itself is not late. By issue date, `not_due` holds what was issued on the day or after it.
    """
    units: Units = request.app.state.units
    question = use_cases.AgingQuestion(
        as_of=as_of or units.clock.today(),
        buckets=Buckets.parse(buckets),
        basis=basis,
        group_by=group_by,
        customer_id=customer_id,
    )
    lines = await use_cases.age_receivables(session, question)
    columns = question.buckets
    return Aging(
        as_of=question.as_of,
        basis=basis,
        buckets=list(columns.names),
        data=[AgingLine(key=key, **total_of(line, columns).model_dump()) for (key, _), line in lines.items()],
        totals=[total_of(line, columns) for line in sum_up(list(lines.values()), len(columns.names))],
    )
