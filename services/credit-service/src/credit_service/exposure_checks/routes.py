"""The self-check over HTTP."""

from typing import Annotated

from fastapi import Depends

from credit_service.exposure_checks.use_cases import EXPOSURE_CHECK
from shared.http.edge import Work, api_router, requires
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("credit")


@router.post("/v1/exposure-checks", status_code=202)
async def check_exposures(uow: Work, caller: Annotated[Principal, Depends(requires("exposure:repair"))]) -> Job:
    """Compare every account with its documents, and these with the documents of their owner, while everything runs.

    The job's result is `{accounts, documents, differences: [{customer_id, category, document, ours, theirs, why}],
    differences_total, compared_with_owner, in_flight}`. A document that is on its way is no difference: it is waited for.
    """
    return await enqueue(uow, prefix="crj", kind=EXPOSURE_CHECK, requested_by=caller.subject, params={})
