"""The close pack over HTTP: JSON, PDF or XLSX of the same figures."""

import asyncio
import re
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response

from cashapp_service.close_packs import use_cases
from cashapp_service.close_packs.domain import pdf_of, workbook_of
from cashapp_service.close_packs.schemas import ClosePack, sheets_of
from cashapp_service.closes.routes import CompanyCode, Month, proving
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE
from cashapp_service.periods.domain import Period
from shared.database import see_one_moment
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("close")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Format = Literal["json", "pdf", "xlsx"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}, XLSX: {}}


@router.get("/v1/periods/{period}/pack", response_model=ClosePack, responses={200: {"content": _FILES}})
async def get_close_pack(
    period: Month,
    request: Request,
    session: Reading,
    _: Reader,
    company_code: CompanyCode = DEFAULT_COMPANY_CODE,
    format: Annotated[Format, Query(description="`json`, or a file: `pdf`, `xlsx`")] = "json",  # noqa: A002
) -> ClosePack | Response:
    """Return all figures of a period's close: trial balance, open items by age and customer, bank reconciliation, checklist,
    payment exceptions, cash not applied, control totals of the postings, who closed and reopened it.

    The files show every row of the JSON. Of a closed period, checklist and reconciliation are as they were at the close.
    """
    month = Period.parse(period)
    at = request.app.state.units.clock.now()
    await see_one_moment(session)
    pack = await use_cases.close_pack(session, company_code, month, at=at, on_the_spot=proving(request, session))
    if format == "json":
        return pack
    title = f"Close pack {month} of company {company_code}"
    write = pdf_of if format == "pdf" else workbook_of
    # Laying out many pages takes seconds: on a thread, so that other requests are answered meanwhile.
    content = await asyncio.to_thread(write, sheets_of(pack), title=title, created=at)
    name = re.sub(r"[^A-Za-z0-9-]", "_", f"close-{company_code}-{month}")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
    return Response(content, media_type="application/pdf" if format == "pdf" else XLSX, headers=headers)
