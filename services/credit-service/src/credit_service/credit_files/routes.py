"""Credit files over HTTP, with their journal and its proof."""

from typing import Annotated

from fastapi import Depends, Path, Query

from credit_service.credit_files import use_cases
from credit_service.credit_files.schemas import CreditFile
from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Head
from credit_service.journal.schemas import JournalEntry, JournalIntegrity, integrity
from shared.days import Day
from shared.errors import InvalidError
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit file")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]


class HalfNotedError(InvalidError):
    """Only one half of a noted seal is given."""

    code = "half_noted"

    def __init__(self) -> None:
        super().__init__("Give position and seal as noted, both or none.", field="noted_seal")


@router.get("/v1/customers/{customer_id}/credit-file")
async def get_credit_file(
    customer_id: CustomerId,
    uow: Work,
    caller: Reader,
    as_of: Annotated[
        Day | None, Query(description="Day for overdue and the limit's validity; today by default")
    ] = None,
) -> CreditFile:
    """Return all that is known of a customer's credit, and who read it. The journal tells of this reading too."""
    return await use_cases.read_credit_file(uow, customer_id, as_of=as_of or uow.clock.today(), by=caller)


@router.get("/v1/customers/{customer_id}/credit-file/journal")
async def list_journal(
    customer_id: CustomerId,
    uow: Work,
    page: Paging,
    caller: Reader,
    kind: Annotated[str | None, Query(max_length=64, description="Such as `customer.updated` or `read`")] = None,
    actor: Annotated[str | None, Query(max_length=200, description="Only what this user did")] = None,
) -> Page[JournalEntry]:
    """List a credit file's journal, newest first: each change with old and new values, and each reading."""
    await customers.ensure_known(uow.session, customer_id)
    statement = journal.entries(customer_id, kind=kind, actor=actor)
    position = statement.selected_columns.position
    rows, cursor = await fetch_page(uow.session, statement, by=(position,), page=page, descending=True)
    await journal.record_read(uow, customer_id, subject="journal", by=caller.subject)
    return Page(data=[JournalEntry.model_validate(row.model_dump()) for row in rows], next_cursor=cursor)


@router.get("/v1/customers/{customer_id}/credit-file/integrity")
async def prove_journal(
    customer_id: CustomerId,
    session: Reading,
    _: Reader,
    noted_position: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Position noted earlier")] = None,
    noted_seal: Annotated[
        str | None, Query(pattern=r"^[0-9a-f]{64}$", description="The seal that stood there then")
    ] = None,
) -> JournalIntegrity:
    """Go through a credit file's journal and tell whether each entry is as it was sealed, else name the first that is not.

    With a position and seal noted earlier it is proved that nothing up to there was exchanged since, whoever had the database.
    """
    if (noted_position is None) != (noted_seal is None):
        raise HalfNotedError
    noted = Head(noted_position, noted_seal) if noted_position and noted_seal else None
    verdict = await journal.proved(session, customer_id, noted=noted)
    await customers.ensure_known(session, customer_id)
    return integrity(customer_id, verdict)
