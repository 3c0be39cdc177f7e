"""Credit policies over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.credit_policies import repository, use_cases
from credit_service.credit_policies.domain import PolicyContent, SecondPersonNeededError
from credit_service.credit_policies.schemas import CreditPolicy, PolicyBody, PolicyVersion
from credit_service.credit_policies.tables import CreditPolicyRow
from credit_service.settings import CreditSettings
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit policies")

RiskClass = Annotated[str, Path(min_length=1, max_length=1, description="A (best) to E", examples=["C"])]


@router.get("/v1/credit-policies/{risk_class}")
async def get_credit_policy(
    risk_class: RiskClass,
    response: Response,
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
    version: Annotated[
        int | None, Query(ge=1, le=10**9, description="An earlier version, as decisions name it")
    ] = None,
) -> CreditPolicy:
    """Return the policy in force for a risk class, or an earlier version of it."""
    policy = await use_cases.policy_of(session, risk_class)
    set_etag(response, policy.version)
    if version is not None:
        await use_cases.version_row(session, risk_class, version)
        policy = await use_cases.policy_of_version(session, risk_class, version)
    return CreditPolicy.of(policy)


@router.get("/v1/credit-policies/{risk_class}/versions")
async def list_policy_versions(
    risk_class: RiskClass, session: Reading, page: Paging, _: Annotated[Principal, Depends(requires("credit:read"))]
) -> Page[PolicyVersion]:
    """List the versions of a policy, oldest first, with who put them in force and when."""
    await use_cases.policy_of(session, risk_class)
    statement = repository.versions(risk_class)
    rows, cursor = await fetch_page(session, statement, by=(CreditPolicyRow.version,), page=page)
    return Page(data=[PolicyVersion.model_validate(row.model_dump()) for row in rows], next_cursor=cursor)


@router.put("/v1/credit-policies/{risk_class}")
async def put_credit_policy(
    risk_class: RiskClass,
    body: PolicyBody,
    request: Request,
    response: Response,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("policies:write"))],
    expected: ExpectedVersion,
) -> CreditPolicy:
    """Write the next version of a policy. It holds for checks from now on; decisions keep the version they saw.

    Where `OPENITEM_POLICIES_NEED_SECOND_PERSON` is set, this answers 409: draft, simulate and have another person activate it.
    """
    settings: CreditSettings = request.app.state.settings
    if settings.policies_need_second_person:
        raise SecondPersonNeededError(risk_class)
    content = PolicyContent.model_validate(body.model_dump())
    policy = await use_cases.put_policy(uow, risk_class, content, changed_by=caller.subject, expected_version=expected)
    set_etag(response, policy.version)
    return CreditPolicy.of(policy)
