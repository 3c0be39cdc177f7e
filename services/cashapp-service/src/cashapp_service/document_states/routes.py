"""Document states over HTTP."""

from typing import Annotated

from fastapi import Depends, Query

from cashapp_service.document_states import repository
from cashapp_service.document_states.schemas import DocumentDigest, DocumentDigests, DocumentState, DocumentStates
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]
After = Annotated[str, Query(max_length=64, description="`next_after` of the part before")]
Most = Annotated[int, Query(ge=1, le=20_000, description="Rows a part")]


@router.get("/v1/document-digests")
async def list_digests(session: Reading, _: Reader, after: After = "", limit: Most = 5_000) -> DocumentDigests:
    """Tell of each customer how its items and receipts stand, in one number: who has another has missed something.

    The documents of a customer that differs are at `GET /v1/document-states`.
    """
    rows, last = await repository.digests(session, after=after, most=limit)
    data = [
        DocumentDigest(customer_id=row.customer_id, documents=row.documents, digest=str(row.digest)) for row in rows
    ]
    return DocumentDigests(data=data, next_after=last)


@router.get("/v1/document-states")
async def list_states(
    session: Reading,
    _: Reader,
    customer_id: Annotated[str, Query(min_length=1, max_length=64, description="Whose documents")],
    after: After = "",
    limit: Most = 5_000,
) -> DocumentStates:
    """Return the states of a customer's items, cleared ones too, and receipts, as their last events told them."""
    rows = await repository.states(session, customer_id, after=after, most=limit)
    more = len(rows) == limit
    return DocumentStates(data=[DocumentState.of(row) for row in rows], next_after=rows[-1].id if more else None)
