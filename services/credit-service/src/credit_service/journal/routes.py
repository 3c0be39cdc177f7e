"""The proof of all journals over HTTP."""

from typing import Annotated

from fastapi import Depends

from credit_service.journal.use_cases import PROVE_JOURNALS
from shared.http.edge import Work, api_router, requires
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("credit file")


@router.post("/v1/journal-proofs", status_code=202)
async def prove_journals(uow: Work, caller: Annotated[Principal, Depends(requires("credit_file:read"))]) -> Job:
    """Go through the journals of all credit files, in a job: `{journals, entries, broken, intact}`.

    Its errors name each journal that is not as it was sealed, `{customer_id, first_broken, fault}`, the first thousand.
    """
    return await enqueue(uow, prefix="crj", kind=PROVE_JOURNALS, requested_by=caller.subject, params={})
