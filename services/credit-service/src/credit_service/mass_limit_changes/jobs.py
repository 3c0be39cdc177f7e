"""Applies an approved mass change, some accounts a transaction, so that its death costs no more than the last of them."""

from credit_service.mass_limit_changes import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

REPORTED_MAX = 1_000


async def apply_mass_change(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Apply what is still planned, wherever a worker before stopped."""
    mass_change_id = job.params["mass_change_id"]
    async with job.units.begin() as step:
        total, done = await use_cases.still_planned(step, mass_change_id), 0
    while True:
        async with job.units.begin() as step:
            applied = await use_cases.apply_next(step, mass_change_id)
        if not applied:
            break
        done += applied
        await job.progress(done, total)
    result = await use_cases.finish(uow, mass_change_id)
    return JobOutcome(dict(result), tuple(await use_cases.left_alone(uow, mass_change_id, most=REPORTED_MAX)))
