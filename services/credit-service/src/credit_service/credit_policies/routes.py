"""Credit policies over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.credit_policies import use_cases
from credit_service.credit_policies.domain import PolicyContent
from credit_service.credit_policies.schemas import CreditPolicy, PolicyBody
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.security import Principal

router = api_router("credit policies")

RiskClass = Annotated[str, Path(min_length=1, max_length=1, description="A (best) to E", examples=["C"])]


@router.get("/v1/credit-policies/{risk_class}")
async def get_credit_policy(
    risk_class: RiskClass,
    response: Response,
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
) -> CreditPolicy:
    """Return the policy in force for a risk class."""
    policy = await use_cases.policy_of(session, risk_class)
    set_etag(response, policy.version)
    return CreditPolicy.of(policy)


@router.put("/v1/credit-policies/{risk_class}")
async def put_credit_policy(
    risk_class: RiskClass,
    body: PolicyBody,
    response: Response,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("policies:write"))],
    expected: ExpectedVersion,
) -> CreditPolicy:
    """Write the next version of a policy. It holds for checks from now on; decisions keep the version they saw."""
    content = PolicyContent.model_validate(body.model_dump())
    policy = await use_cases.put_policy(uow, risk_class, content, changed_by=caller.subject, expected_version=expected)
    set_etag(response, policy.version)
    return CreditPolicy.of(policy)
