"""The job that imports a bank's file."""

import asyncio
from typing import Any

from cashapp_service.applications.domain.decision import AUTOMATIC, Recorder
from cashapp_service.applications.use_cases import policy_of
from cashapp_service.bank_statements import use_cases
from cashapp_service.bank_statements.domain import LineError, ParsedFile, read
from cashapp_service.bank_statements.domain.masking import without_card_numbers
from cashapp_service.settings import CashappSettings
from shared.jobs import JobFailedError, JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

IMPORT_BANK_STATEMENT = "import.bank_statement"
MASKED = "A card number on this line was masked before anything was kept; the rest of the line was taken as it is."


async def import_bank_statement(uow: UnitOfWork, job: RunningJob, settings: CashappSettings) -> JobOutcome:
    """Read the uploaded file and take its statements; nothing is taken where none can be read."""
    assert job.payload is not None
    # Reading a large file takes a second or more: on a thread, so that the job's lease is kept meanwhile.
    parsed = await asyncio.to_thread(read, job.payload, job.params["filename"])
    parsed, masked = without_card_numbers(parsed)
    errors = [_reported(error) for error in parsed.errors]
    errors += [{"line": line, "detail": MASKED} for line in job.params.get("masked_lines", ())] + masked
    _check_expected(parsed, job.params.get("format"))
    if not parsed.statements:
        raise JobFailedError("Nothing of the file could be taken.", errors)
    result = await use_cases.import_statements(
        uow,
        parsed,
        import_id=job.id,
        create_accounts=job.params["create_accounts"],
        recorder=Recorder(by=job.requested_by, policy=policy_of(settings), roles=AUTOMATIC),
        progress=job.progress,
    )
    return JobOutcome(result, tuple(errors))


def _check_expected(parsed: ParsedFile, expected: str | None) -> None:
    if expected is not None and parsed.format.value != expected:
        raise JobFailedError(f"The file is {parsed.format.value}, not {expected}: leave format out, or correct it.")


def _reported(error: LineError) -> dict[str, Any]:
    return {"line": error.line, "detail": error.message}
