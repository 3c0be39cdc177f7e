"""What a person, or a proposal, decides to do with a receipt, and who carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from cashapp_service.applications.domain.allocation import ZERO, Wanted
from cashapp_service.matching.domain import Proposal
from cashapp_service.tolerance_groups.domain import SYSTEM, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person, or a proposal, wants to be done with a receipt.

    `rates` has units of an item's currency for one of the receipt's; `order_id` is the order that the money is for.
    """

    wanted: tuple[Wanted, ...]
    on_account: Decimal
    customer_id: str | None = None
    posting_date: date | None = None
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    order_id: str | None = None
    method: str = "manual"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who applies, in which roles, under which policy of the company; tolerance groups may say otherwise."""

    by: str
    policy: Policy
    roles: frozenset[str] = frozenset()

    @property
    def automatic(self) -> "Recorder":
        """The same, for what matching applies without anybody's decision: under the limits of the system."""
        return replace(self, roles=AUTOMATIC)


AUTOMATIC = frozenset({SYSTEM})
"""In whose roles matching applies: nobody's but the system's."""


def decision_of(proposal: Proposal) -> Decision:
    """Return the decision to take a proposal as it is."""
    return Decision(
        wanted=tuple(
            Wanted(
                item_id=one.item_id,
                amount=one.amount.amount,
                discount=one.discount.amount,
                tolerance_write_off=one.tolerance.amount if one.tolerance else ZERO,
                shortfall=one.shortfall.value if one.shortfall else None,
                reason_code=one.reason_code,
                receipt_amount=one.receipt_amount.amount if one.receipt_amount else None,
            )
            for one in proposal.allocations
        ),
        on_account=proposal.on_account.amount,
        customer_id=proposal.customer_id,
        method=proposal.method.value,
        rates=dict(proposal.rates),
    )
