"""What a person, or a proposal, decides to do with a receipt, and who carries it out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.applications.domain.plan import Policy, Wanted
from cashapp_service.matching.domain import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person, or a proposal, wants to be done with a receipt."""

    wanted: tuple[Wanted, ...]
    on_account: Decimal
    customer_id: str | None = None
    posting_date: date | None = None
    method: str = "manual"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who applies, under which policy."""

    by: str
    policy: Policy


def decision_of(proposal: Proposal) -> Decision:
    """Return the decision to take a proposal as it is."""
    return Decision(
        wanted=tuple(
            Wanted(
                item_id=one.item_id,
                amount=one.amount.amount,
                discount=one.discount.amount,
                shortfall=one.shortfall.value if one.shortfall else None,
                reason_code=one.reason_code,
            )
            for one in proposal.allocations
        ),
        on_account=proposal.on_account.amount,
        customer_id=proposal.customer_id,
        method=proposal.method.value,
    )
