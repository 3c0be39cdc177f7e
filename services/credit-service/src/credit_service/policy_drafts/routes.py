"""Policy drafts over HTTP; `policy_simulations` simulates them."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import PolicyContent
from credit_service.credit_policies.schemas import CreditPolicy
from credit_service.policy_drafts import repository, use_cases
from credit_service.policy_drafts.schemas import PolicyDraft, PolicyDraftBody
from credit_service.policy_drafts.tables import PolicyDraftRow, draft_of
from shared.http.edge import Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit policies")

RiskClass = Annotated[str, Path(min_length=1, max_length=1, description="A (best) to E", examples=["C"])]
DraftId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
Writer = Annotated[Principal, Depends(requires("policies:write"))]


@router.post("/v1/credit-policies/{risk_class}/drafts", status_code=201)
async def write_policy_draft(risk_class: RiskClass, body: PolicyDraftBody, uow: Work, caller: Writer) -> PolicyDraft:
    """Draft the next version of a policy. Nothing changes before it is simulated and another person activates it."""
    content = PolicyContent.model_validate(body.model_dump(exclude={"note"}))
    draft = await use_cases.write_draft(uow, risk_class, content, note=body.note, by=caller.subject)
    return PolicyDraft.of(draft)


@router.get("/v1/credit-policies/{risk_class}/drafts")
async def list_policy_drafts(risk_class: RiskClass, session: Reading, page: Paging, _: Reader) -> Page[PolicyDraft]:
    """List the drafts of a policy, oldest first."""
    await credit_policies.policy_of(session, risk_class)
    rows, cursor = await fetch_page(session, repository.of_class(risk_class), by=(PolicyDraftRow.draft_id,), page=page)
    return Page(data=[PolicyDraft.of(draft_of(row)) for row in rows], next_cursor=cursor)


@router.get("/v1/credit-policies/{risk_class}/drafts/{draft_id}")
async def get_policy_draft(risk_class: RiskClass, draft_id: DraftId, session: Reading, _: Reader) -> PolicyDraft:
    """Return a draft with what its last simulation found."""
    return PolicyDraft.of(await use_cases.draft_of(session, risk_class, draft_id))


@router.post("/v1/credit-policies/{risk_class}/drafts/{draft_id}/activate")
async def activate_policy_draft(
    risk_class: RiskClass, draft_id: DraftId, response: Response, uow: Work, caller: Writer
) -> CreditPolicy:
    """Put a draft in force. It was simulated before, its base version is still in force, and somebody else wrote it."""
    policy = await use_cases.activate(uow, risk_class, draft_id, by=caller.subject)
    set_etag(response, policy.version)
    return CreditPolicy.of(policy)


@router.post("/v1/credit-policies/{risk_class}/drafts/{draft_id}/discard")
async def discard_policy_draft(risk_class: RiskClass, draft_id: DraftId, uow: Work, caller: Writer) -> PolicyDraft:
    """Give up a draft."""
    return PolicyDraft.of(await use_cases.discard(uow, risk_class, draft_id, by=caller.subject))
