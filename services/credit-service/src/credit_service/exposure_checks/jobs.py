"""The self-check as a job."""

from dataclasses import dataclass, field

from credit_service.exposure_checks import use_cases
from credit_service.exposure_checks.use_cases import Found, Owner, Patience
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExposureCheck:
    """The job function; without an `owner` to ask, only our own documents are compared, and the result says so."""

    owner: Owner | None
    patience: Patience = field(default_factory=Patience)

    async def __call__(self, _: UnitOfWork, job: RunningJob) -> JobOutcome:
        """Check all exposures."""
        found = Found()
        await use_cases.check_own(job.units, found)
        if self.owner is not None:

            async def progress(done: int) -> None:
                await job.progress(min(done, found.accounts), found.accounts)

            await use_cases.check_owner(job.units, self.owner, found, patience=self.patience, progress=progress)
        return JobOutcome(found.told())
