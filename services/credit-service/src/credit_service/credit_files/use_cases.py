"""What can be done with a credit file: read it, and be remembered for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.attachments import use_cases as attachments
from credit_service.bureau_reports import use_cases as bureau_reports
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_assessments import use_cases as credit_assessments
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.credit_files.schemas import CreditFile
from credit_service.credit_insurance import use_cases as credit_insurance
from credit_service.customers import use_cases as customers
from credit_service.exposure import use_cases as exposure
from credit_service.financial_statements import use_cases as financial_statements
from credit_service.guarantees import use_cases as guarantees
from credit_service.holds import use_cases as holds
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import READ
from credit_service.limit_requests import use_cases as limit_requests
from credit_service.notes import use_cases as notes
from credit_service.recommendations import use_cases as recommendations
from credit_service.reviews import use_cases as reviews
from shared.security import Principal
from shared.unit_of_work import UnitOfWork

Part = Callable[[AsyncSession, str], Awaitable[Sequence[BaseModel]]]

PARTS: Mapping[str, Part] = {
    "assessments": credit_assessments.credit_file_part,
    "bureau_reports": bureau_reports.credit_file_part,
    "financial_statements": financial_statements.credit_file_part,
    "insurance_alarms": credit_insurance.credit_file_alarms,
    "guarantees": guarantees.credit_file_part,
    "limit_changes": credit_accounts.credit_file_part,
    "limit_requests": limit_requests.credit_file_part,
    "decisions": credit_decisions.credit_file_part,
    "holds": holds.credit_file_part,
    "recommendations": recommendations.credit_file_part,
    "reviews": reviews.credit_file_part,
    "notes": notes.credit_file_part,
    "attachments": attachments.credit_file_part,
}
"""The parts that other capabilities keep, each under the name of its field in `CreditFileParts`."""


async def read_credit_file(uow: UnitOfWork, customer_id: str, *, as_of: date, by: Principal) -> CreditFile:
    """Return a customer's whole credit file as `by` may see it; the journal tells of the reading.

    A reading that cannot be written down does not happen. Raises `CustomerNotFoundError`.
    """
    session = uow.session
    customer = await customers.customer_shown_to(session, customer_id, by)
    credit = await exposure.credit_of(session, customer_id, as_of=as_of)
    parts = {name: await part(session, customer_id) for name, part in PARTS.items()}
    insurance = await credit_insurance.credit_file_part(session, customer_id, as_of)
    changes = await journal.newest(session, customer_id, count=SHOWN_MAX, but=(READ,))
    readings = await journal.newest(session, customer_id, count=SHOWN_MAX, kind=READ)
    reading = await journal.record_read(uow, customer_id, subject="credit-file", by=by.subject)
    return CreditFile.model_validate(
        {
            "customer": customer,
            "credit": credit,
            "credit_insurance": insurance,
            **parts,
            "changes": changes,
            "readings": readings,
            "read_at": reading.recorded_at,
            "read_position": reading.position,
        }
    )
