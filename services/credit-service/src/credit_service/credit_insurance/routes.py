"""Credit insurance and its alarms over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_insurance import repository, use_cases
from credit_service.credit_insurance.domain import AlarmKind, AlarmStatus
from credit_service.credit_insurance.schemas import (
    AcknowledgeBody,
    CreditInsurance,
    CreditInsuranceBody,
    InsuranceAlarm,
    alarm_shown,
    shown,
)
from credit_service.credit_insurance.tables import InsuranceAlarmRow
from credit_service.journal import use_cases as journal
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit insurance")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]
Writer = Annotated[Principal, Depends(requires("credit_file:write"))]


@router.put(
    "/v1/customers/{customer_id}/credit-insurance", status_code=200, responses={201: {"model": CreditInsurance}}
)
async def put_credit_insurance(
    customer_id: CustomerId,
    body: CreditInsuranceBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> CreditInsurance:
    """Insure a customer (201) or replace its insurance (200); equal content changes nothing.

    What its cover alone held back is released. One that begins later counts from its first day on.
    """
    row, new = await use_cases.put_insurance(
        uow, customer_id, body.insurance(), by=caller.subject, expected_version=expected
    )
    account = (await credit_accounts.accounts(uow.session, [customer_id]))[customer_id]
    response.status_code = 201 if new else 200
    set_etag(response, row.version)
    return shown(row, account_currency=account.currency, today=uow.clock.today())


@router.get("/v1/customers/{customer_id}/credit-insurance")
async def get_credit_insurance(
    customer_id: CustomerId, response: Response, uow: Work, caller: Reader
) -> CreditInsurance:
    """Return a customer's credit insurance. The journal tells who read it."""
    row = await use_cases.insurance(uow.session, customer_id)
    account = (await credit_accounts.accounts(uow.session, [customer_id]))[customer_id]
    await journal.record_read(uow, customer_id, subject="credit_insurance", by=caller.subject)
    set_etag(response, row.version)
    return shown(row, account_currency=account.currency, today=uow.clock.today())


@router.get("/v1/insurance-alarms")
async def list_insurance_alarms(
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[AlarmStatus | None, Query(description="Only alarms in this state")] = None,
    kind: Annotated[AlarmKind | None, Query(description="Only alarms of this kind")] = None,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
) -> Page[InsuranceAlarm]:
    """List alarms about insurances, newest first: exposure above the insured limit, overdue to be told, cover that ends."""
    statement = repository.alarms(status=status, kind=kind, customer_id=customer_id)
    rows, cursor = await fetch_page(session, statement, by=(InsuranceAlarmRow.alarm_id,), page=page, descending=True)
    exposures = await use_cases.exposures(session, rows)
    return Page(data=[alarm_shown(row, exposures) for row in rows], next_cursor=cursor)


@router.post("/v1/insurance-alarms/{alarm_id}/acknowledge")
async def acknowledge_insurance_alarm(
    alarm_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    body: AcknowledgeBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> InsuranceAlarm:
    """Note what was done about an alarm, such as that the insurer was told. It is not raised again while its cause is there."""
    alarm = await use_cases.acknowledge(
        uow,
        alarm_id,
        note=body.note,
        reference=body.reference,
        by=caller.subject,
        expected_version=expected,
    )
    set_etag(response, alarm.version)
    return alarm_shown(alarm, await use_cases.exposures(uow.session, [alarm]))
