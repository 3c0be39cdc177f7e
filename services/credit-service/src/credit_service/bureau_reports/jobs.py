"""Fetches from a bureau what was ordered. It may take as long as the bureau takes: nobody but its caller waits for it."""

from collections.abc import Mapping

from credit_service.bureau_reports import use_cases
from credit_service.bureau_reports.domain.connector import BureauError, Connector
from credit_service.bureau_reports.domain.vault import ReportVault
from shared.jobs import JobFailedError, JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


class ReportFetch:
    """The job that asks a bureau, with what it needs: a connector for each bureau, and the vault."""

    def __init__(self, connectors: Mapping[str, Connector], vault: ReportVault) -> None:
        self._connectors = connectors
        self._vault = vault

    async def __call__(self, _: UnitOfWork, job: RunningJob) -> JobOutcome:
        """Fetch one purchase. What was kept before the job's end is found again, not bought again."""
        purchase_id = job.params["purchase_id"]
        await job.progress(0, 1)
        try:
            report_id = await use_cases.fetch(job.units, purchase_id, connectors=self._connectors, vault=self._vault)
        except BureauError as error:
            raise JobFailedError(
                error.detail, [{"code": error.code, "detail": error.detail, "purchase_id": purchase_id}]
            ) from error
        await job.progress(1, 1)
        status = "received" if report_id else "ordered"
        return JobOutcome({"purchase_id": purchase_id, "status": status, "report_id": report_id})
