"""Charts of accounts over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response
from pydantic import AfterValidator

from cashapp_service.accounts import use_cases
from cashapp_service.accounts.domain import labels_of
from cashapp_service.accounts.schemas import ChartBody, ChartView
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.security import Principal
from shared.texts import nameable

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Writer = Annotated[Principal, Depends(requires("ledger:write"))]
CompanyCode = Annotated[
    str, Path(min_length=1, max_length=20, description="The company of the ledger", examples=["1000"])
]


@router.get("/v1/accounts/{company_code}")
async def get_chart(company_code: CompanyCode, response: Response, session: Reading, _: Reader) -> ChartView:
    """Return the chart of accounts of a company code: what the general ledger calls each account that postings go to."""
    chart = await use_cases.chart_of(session, company_code)
    set_etag(response, chart.version)
    return ChartView.of(chart)


@router.put("/v1/accounts/{company_code}")
async def put_chart(
    company_code: Annotated[CompanyCode, AfterValidator(nameable)],
    body: ChartBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> ChartView:
    """Replace the numbers and names of a company's accounts; an account that is not sent has the default ones.

    Postings stay where they are. Entries, trial balances and exports show the new numbers from now on, of the past too.
    """
    own = labels_of((one.account, one.label) for one in body.accounts)
    chart = await use_cases.put_chart(uow, company_code, own, by=caller.subject, expected_version=expected)
    set_etag(response, chart.version)
    return ChartView.of(chart)
