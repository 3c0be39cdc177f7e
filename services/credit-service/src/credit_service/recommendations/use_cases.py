"""What can be done with a recommendation. The decision is carried out in its own transaction, the account locked first."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.account_blocks.domain import HOLD_ORDERS, LEGAL
from credit_service.authorities.domain import ensure_another
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import (
    Account,
    CustomerNotFoundError,
    Limit,
    LimitDecision,
    UnknownCustomerError,
)
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.manual_holds import use_cases as manual_holds
from credit_service.manual_holds.use_cases import ManualHold
from credit_service.recommendations import repository
from credit_service.recommendations.domain import (
    PREPAYMENT,
    STATUS_AFTER,
    Decision,
    NothingToReduceError,
    NotYourRecommendationError,
    Proposal,
    ProposalError,
    RecommendationDecidedError,
    RecommendationNotFoundError,
    RecommendationOpenError,
    RecommendationOutdatedError,
    RecommendationStatus,
    ensure_fits,
    limit_to_propose,
    reduced,
)
from credit_service.recommendations.schemas import Recommendation, proposal_in, public_state, shown, stored
from credit_service.recommendations.tables import RecommendationRow
from credit_service.releases import use_cases as releases
from shared.events.credit import RecommendationDecided, RecommendationKind
from shared.ids import new_id
from shared.money import CurrencyMismatchError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class Recommended:
    """What somebody recommends; without a proposal the account's own numbers are meant."""

    customer_id: str
    kind: RecommendationKind
    rationale: str
    proposal: Proposal | None
    evidence: tuple[str, ...]


async def recommend(uow: UnitOfWork, what: Recommended, *, by: str) -> RecommendationRow:
    """Recommend something about a problem account.

    Raises `UnknownCustomerError`, `RecommendationOpenError` where the same waits already, `CurrencyMismatchError`,
    `ProposalError`, `NothingToReduceError`.
    """
    try:
        account = await credit_accounts.locked_account(uow, what.customer_id)
    except CustomerNotFoundError:
        raise UnknownCustomerError(what.customer_id) from None
    waiting = await repository.open_id(uow.session, what.customer_id, what.kind)
    if waiting is not None:
        raise RecommendationOpenError(waiting)
    proposal = _sound(account, what.kind, what.proposal or Proposal(account.currency))
    row = RecommendationRow(
        recommendation_id=new_id("rec"),
        version=1,
        customer_id=what.customer_id,
        kind=what.kind,
        status="proposed",
        rationale=what.rationale,
        proposed=stored(proposal),
        evidence=list(what.evidence),
        recommended_by=by,
        recommended_at=uow.clock.now(),
        decided=None,
        decided_by=None,
        decided_at=None,
        decision_note=None,
        account_version=None,
        hold_ids=[],
    )
    uow.session.add(row)
    new = {"kind": row.kind, "status": row.status, "proposed": row.proposed}
    await journal.record(
        uow, Entry(row.customer_id, "recommendation.proposed", by, row.recommendation_id, {}, new, row.rationale)
    )
    return row


def _sound(account: Account, kind: RecommendationKind, proposal: Proposal) -> Proposal:
    """Return the proposal with what it leaves open filled in; raise where it is not possible for the account."""
    if proposal.currency != account.currency:
        raise CurrencyMismatchError(account.currency, proposal.currency)
    ensure_fits(kind, proposal)
    if kind != "reduce_limit":
        return proposal
    if proposal.new_limit is None:
        proposal = replace(proposal, new_limit=limit_to_propose(account))
    if _reduced(account, proposal) is None:
        raise NothingToReduceError(account.limit, account.currency)
    return proposal


def _reduced(account: Account, proposal: Proposal) -> Limit | None:
    assert proposal.new_limit is not None, "filled in when it was recommended"
    return reduced(account.limit, proposal.new_limit)


async def decide(
    uow: UnitOfWork,
    recommendation_id: str,
    *,
    decision: Decision,
    instead: Proposal | None,
    note: str | None,
    by: str,
    expected_version: int | None,
) -> RecommendationRow:
    """Decide what somebody else recommended, and carry out what is accepted.

    Raises `RecommendationNotFoundError`, `StaleVersionError`, `RecommendationDecidedError`, `FourEyesError`, and for
    `modify` what `recommend` raises; `RecommendationOutdatedError` where the limit is lower already.
    """
    if (decision == "modify") != (instead is not None):
        raise ProposalError("Say with `modify`, and only there, what is to be done instead.", field="proposed")
    account, row = await _proposed(uow, recommendation_id, expected_version)
    ensure_another(requested_by=row.recommended_by, decided_by=by)
    if decision != "reject":
        kind: RecommendationKind = row.kind  # type: ignore[assignment]  # a check of the table
        proposal = proposal_in(row.proposed) if instead is None else _sound(account, kind, instead)
        row.decided = stored(proposal)
        account = await _carry_out(uow, account, row, proposal, by=by)
        row.account_version = account.version
        await releases.recheck(uow, account)  # nothing goes by it, but what is held is held for more reasons
    await _end(uow, row, STATUS_AFTER[decision], by=by, note=note)
    uow.publish(RecommendationDecided(version=row.version, recommendation=public_state(row)))
    return row


async def withdraw(
    uow: UnitOfWork, recommendation_id: str, *, note: str | None, by: str, expected_version: int | None
) -> RecommendationRow:
    """Take back one's own recommendation; raises `NotYourRecommendationError` beside what `_proposed` raises."""
    _, row = await _proposed(uow, recommendation_id, expected_version)
    if row.recommended_by != by:
        raise NotYourRecommendationError
    await _end(uow, row, "withdrawn", by=by, note=note)
    return row


async def _proposed(
    uow: UnitOfWork, recommendation_id: str, expected_version: int | None
) -> tuple[Account, RecommendationRow]:
    """Return an open recommendation, its account locked.

    Raises `RecommendationNotFoundError`, `StaleVersionError`, `RecommendationDecidedError`.
    """
    seen = await repository.find(uow.session, recommendation_id)
    if seen is None:
        raise RecommendationNotFoundError(recommendation_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    row = await repository.find_for_update(uow.session, recommendation_id)
    assert row is not None, "a recommendation is never deleted"
    ensure_fresh(expected_version, row.version)
    if row.status != "proposed":
        raise RecommendationDecidedError(recommendation_id, row.status)
    return account, row


async def _carry_out(
    uow: UnitOfWork, account: Account, row: RecommendationRow, proposal: Proposal, *, by: str
) -> Account:
    """Do what the recommendation says to the account. A payment plan and a write-off are others' work: the event tells them."""
    reason, subject = row.rationale, row.recommendation_id
    because = LimitDecision(row.recommended_by, by, reason, subject, tuple(row.evidence))
    match row.kind:
        case "reduce_limit":
            limit = _reduced(account, proposal)
            if limit is None:
                raise RecommendationOutdatedError(subject)
            return await credit_accounts.change_limit(uow, account, limit, decision=because)
        case "prepayment" if account.payment_terms != PREPAYMENT:
            terms = replace(because, kind="terms")
            return await credit_accounts.change_limit(
                uow, account, account.limit, payment_terms=PREPAYMENT, decision=terms
            )
        case "hold_orders":
            return await _hold_orders(uow, account, row, by=by)
        case "legal":
            return await credit_accounts.block(uow, account, code=LEGAL, reason=reason, by=by, subject=subject)
    return account


async def _hold_orders(uow: UnitOfWork, account: Account, row: RecommendationRow, *, by: str) -> Account:
    """Hold what is still to go by hand, and block the account so that nothing new goes; a block that is there stays."""
    wanted = ManualHold(HOLD_ORDERS, row.rationale, by, uow.clock.today())
    row.hold_ids = await manual_holds.hold_open_orders(uow, account, wanted)
    account = await credit_accounts.locked_account(uow, account.customer_id)
    if account.blocked:
        return account
    return await credit_accounts.block(
        uow, account, code=HOLD_ORDERS, reason=row.rationale, by=by, subject=row.recommendation_id
    )


async def _end(
    uow: UnitOfWork, row: RecommendationRow, status: RecommendationStatus, *, by: str, note: str | None
) -> None:
    row.status = status
    row.decided_by = by
    row.decided_at = uow.clock.now()
    row.decision_note = note
    row.version += 1
    new = {"status": status} | ({"carried_out": row.decided} if row.decided else {})
    await journal.record(
        uow,
        Entry(
            row.customer_id,
            f"recommendation.{status}",
            by,
            row.recommendation_id,
            {"status": "proposed"},
            new,
            note,
        ),
    )


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[Recommendation]:
    """Return a customer's newest recommendations for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
