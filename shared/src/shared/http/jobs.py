"""`GET /v1/jobs/{job_id}`: how far a long job is and what came of it."""

from fastapi import APIRouter

from shared import jobs
from shared.http.edge import Authenticated, Reading, api_router


def jobs_router() -> APIRouter:
    """Return the route by which any authenticated caller follows a job."""
    router = api_router("jobs")

    @router.get("/v1/jobs/{job_id}")
    async def get_job(job_id: str, session: Reading, _: Authenticated) -> jobs.Job:
        """Return a job: its status, its progress, its result, and the lines that could not be taken with their reasons."""
        return await jobs.find(session, job_id)

    return router
