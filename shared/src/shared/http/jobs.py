"""`GET /v1/jobs/{job_id}`: how far a long job is and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Path

from shared import jobs
from shared.http.edge import Authenticated, Reading, api_router


def jobs_router() -> APIRouter:
    """Return the route by which any authenticated caller follows a job."""
    router = api_router("jobs")

    @router.get("/v1/jobs/{job_id}")
    async def get_job(
        job_id: Annotated[str, Path(description="As the 202 named it")], session: Reading, _: Authenticated
    ) -> jobs.Job:
        """Return a job: its status, its progress, its result, and the lines that could not be taken with their reasons."""
        return await jobs.find(session, job_id)

    return router
