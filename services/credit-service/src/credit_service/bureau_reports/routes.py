"""Bureau reports over HTTP."""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.bureau_reports import repository, use_cases
from credit_service.bureau_reports.domain.connector import Delivered
from credit_service.bureau_reports.domain.file_form import MEDIA_TYPES, report_in
from credit_service.bureau_reports.domain.purchase import PurchaseStatus, month_of
from credit_service.bureau_reports.domain.report import Provider, UnusableReportError
from credit_service.bureau_reports.schemas import (
    BureauBudget,
    BureauPurchase,
    BureauReport,
    BureauReportBody,
    BureauReportSummary,
    ReportFileBody,
    purchase_shown,
    shown,
    summary,
)
from credit_service.bureau_reports.tables import BureauPurchaseRow, BureauReportRow
from credit_service.bureau_reports.use_cases import Buyer, Wanted
from credit_service.settings import CreditSettings
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job
from shared.money import Money
from shared.security import Principal

router = api_router("bureau reports")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
ReportId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]
Writer = Annotated[Principal, Depends(requires("credit_file:write"))]
MANAGERS_SCOPE = "limits:approve"
"""Who has it may spend more on reports than the cap."""


@router.post(
    "/v1/customers/{customer_id}/bureau-reports",
    status_code=202,
    responses={200: {"model": BureauReportSummary}, 201: {"model": BureauReportSummary}, 202: {"model": Job}},
)
async def order_bureau_report(
    customer_id: CustomerId, body: BureauReportBody, request: Request, response: Response, uow: Work, caller: Writer
) -> BureauReportSummary | Job:
    """Buy a report (202, a job), unless a fresh one is there (200); or keep one that comes as a file (201).

    An order that is under way is joined. A purchase above the month's cap is refused (`cost_cap_reached`), and so is one beside
    a purchase of which nobody knows whether it was carried out (`purchase_uncertain`). The answer holds what is in the clear, as
    answers are stored with their `Idempotency-Key`; the figures are read with GET.
    """
    settings: CreditSettings = request.app.state.settings
    if body.report is not None:
        answer = _delivered(body.report)
        product = body.product or body.report.format
        row = await use_cases.add_file(
            uow, customer_id, answer, product=product, by=caller.subject, vault=settings.report_vault()
        )
        response.status_code = 201
        return summary(row)
    wanted = Wanted(
        customer_id,
        body.provider,
        body.product,
        body.identifiers.model_dump(exclude_none=True),
        body.force,
        body.reason,
    )
    buyer = Buyer(caller.subject, MANAGERS_SCOPE in caller.scopes)
    found = await use_cases.order_report(uow, wanted, by=buyer, offers=settings.bureau_offers())
    if isinstance(found, Job):
        return found
    await use_cases.note_read(uow, customer_id, by=caller.subject, subject=found.report_id)
    response.status_code = 200
    return summary(found)


def _delivered(file: ReportFileBody) -> Delivered:
    if file.format == "pdf":
        try:
            content = base64.b64decode(file.content, validate=True)
        except binascii.Error:
            raise UnusableReportError("a PDF is sent as base64.", field="report.content") from None
    else:
        content = file.content.encode()
    figures = file.figures.model_dump(exclude_none=True, mode="json") if file.figures else None
    return Delivered(report_in(content, file.format, figures), content, MEDIA_TYPES[file.format])


@router.get("/v1/customers/{customer_id}/bureau-reports")
async def list_bureau_reports(
    customer_id: CustomerId, uow: Work, page: Paging, caller: Reader
) -> Page[BureauReportSummary]:
    """List a customer's reports, newest first. Who reads them is noted in the journal of the credit file."""
    statement = repository.reports_of(customer_id)
    rows, cursor = await fetch_page(uow.session, statement, by=(BureauReportRow.report_id,), page=page, descending=True)
    if rows:
        await use_cases.note_read(uow, customer_id, by=caller.subject, subject="bureau_reports")
    return Page(data=[summary(row) for row in rows], next_cursor=cursor)


@router.get("/v1/customers/{customer_id}/bureau-reports/{report_id}")
async def get_bureau_report(
    customer_id: CustomerId, report_id: ReportId, request: Request, uow: Work, caller: Reader
) -> BureauReport:
    """Return a report with all that the bureau said. Who reads it is noted in the journal of the credit file."""
    settings: CreditSettings = request.app.state.settings
    row, report, raw = await use_cases.read_report(
        uow, customer_id, report_id, by=caller.subject, vault=settings.report_vault()
    )
    pdf = row.media_type == MEDIA_TYPES["pdf"]
    content = base64.b64encode(raw).decode() if pdf else raw.decode(errors="replace")
    return shown(row, report, content)


@router.get("/v1/bureau-purchases")
async def list_bureau_purchases(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
    provider: Annotated[Provider | None, Query(description="Only from this bureau")] = None,
    status: Annotated[PurchaseStatus | None, Query(description="Only purchases in this state")] = None,
) -> Page[BureauPurchase]:
    """List what was ordered from bureaus, newest first, with its cost and what became of it."""
    statement = repository.purchases(customer_id=customer_id, provider=provider, status=status)
    rows, cursor = await fetch_page(session, statement, by=(BureauPurchaseRow.purchase_id,), page=page, descending=True)
    return Page(data=[purchase_shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/bureau-budgets")
async def list_bureau_budgets(request: Request, session: Reading, _: Reader) -> Page[BureauBudget]:
    """Return for each bureau what may be spent this month and what is spent."""
    settings: CreditSettings = request.app.state.settings
    today = request.app.state.units.clock.today()
    first, last = month_of(today)
    budgets = []
    for provider, offer in settings.bureau_offers().items():
        terms = offer.terms
        spent = await repository.spent(session, provider, terms.currency, first=first, last=last)
        budgets.append(
            BureauBudget.model_validate(
                {
                    "provider": provider,
                    "available": offer.available,
                    "products": list(offer.products),
                    "month": f"{today:%Y-%m}",
                    "monthly_cap": Money(terms.monthly_cap, terms.currency).amount,
                    "spent": Money(spent, terms.currency).amount,
                    "currency": terms.currency,
                    "fresh_days": terms.fresh_days,
                }
            )
        )
    return Page(data=budgets, next_cursor=None)
