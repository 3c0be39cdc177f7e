"""Taking a structured remittance at its word: the payer says which documents, how much on each, and why less.

The one thing to know: it is taken as it is only where every line names one open item of one customer and the lines
come to the receipt, but for what may be written off; else it is a proposal, and what cannot be placed stays on account.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cashapp_service.matching.domain.candidates import Candidates, by_age
from cashapp_service.matching.domain.confidence import (
    ACROSS_CUSTOMERS_MAX,
    CONTRADICTED_MAX,
    DOUBTFUL_MAX,
    Judgement,
    judge_named,
)
from cashapp_service.matching.domain.document_numbers import Kind, Strength, keys_of_number
from cashapp_service.matching.domain.facts import OpenItem, Receipt, RemittanceLine
from cashapp_service.matching.domain.mentions import Mention
from cashapp_service.matching.domain.payers import PayerFinding, PayingGroup, only_paid_for, pays_for_others, rival_of
from cashapp_service.matching.domain.proposals import Allocation, Method, Proposal, Shortfall
from cashapp_service.matching.domain.tolerance import Allowance, allowance, within_tolerance
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING
from shared.money import Money, rounded

UNEARNED_DISCOUNT = "unearned_discount"
UNEARNED_MAX = Decimal("0.93")


@dataclass(slots=True)
class _Placement:
    """Lines being placed on one customer's items: what is still left of the receipt, and each item's turn."""

    left: Money
    allowed: Allowance
    allocations: list[Allocation] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    against: list[tuple[Decimal, str]] = field(default_factory=list)

    @property
    def written_off(self) -> Money:
        """What is written off of the items placed so far."""
        return Money.total((one.tolerance for one in self.allocations if one.tolerance), self.left.currency)


def from_remittance(
    receipt: Receipt, candidates: Candidates, payers: Mapping[str, PayerFinding], groups: Sequence[PayingGroup]
) -> list[Proposal]:
    """Return a proposal for each customer whose items the remittance names, and for who pays for several of them.

    None where it names no open item.
    """
    allowed = {receipt.customer_id} | {member for group in groups for member in group.members}
    resolved = [(line, _items(line, receipt, candidates, allowed)) for line in receipt.remittance]
    named = {item.customer_id for _, items in resolved for item in items}
    sides: list[tuple[str | None, frozenset[str], PayerFinding | None]] = [
        (customer_id, frozenset({customer_id}), payers.get(customer_id))
        for customer_id in sorted(named - only_paid_for(groups, named, payers))
    ]
    sides += [(group.head, group.members, group.finding) for group in groups if pays_for_others(group, named, payers)]
    proposals = []
    for head, members, payer in sides:
        lines = [(line, [item for item in items if item.customer_id in members]) for line, items in resolved]
        policy = candidates.policies.of(head) if head else NOTHING_WITHOUT_ASKING
        limits = allowance(receipt, policy)
        placement = _paid_short_in_all(receipt, lines, limits) or _place(receipt, lines, limits)
        if not placement.allocations:
            continue
        rival = rival_of(members, payers, groups)
        judgement = judge_named(Method.REMITTANCE, placement.mentions, payer, rival)
        if named - members:
            judgement.at_most(DOUBTFUL_MAX, "The remittance also names items of other customers.")
        if placement.written_off and len({mention.item.customer_id for mention in placement.mentions}) > 1:
            judgement.at_most(ACROSS_CUSTOMERS_MAX, "It names items of several customers.")
        for ceiling, detail in placement.against:
            judgement.at_most(ceiling, detail)
        whose = head or min((mention.item for mention in placement.mentions), key=by_age).customer_id
        proposals.append(_proposal(whose, placement, judgement))
    return proposals


def _proposal(customer_id: str, placement: _Placement, judgement: Judgement) -> Proposal:
    judgement.supported("The payer's remittance says how much is paid on each document.")
    if placement.written_off:
        judgement.supported(f"{placement.written_off} is missing: that is within the tolerance and written off.")
    return Proposal(
        customer_id=customer_id,
        allocations=tuple(placement.allocations),
        on_account=placement.left,
        confidence=judgement.confidence,
        method=Method.REMITTANCE,
        explanation=tuple(judgement.evidence),
    )


def _items(
    line: RemittanceLine, receipt: Receipt, candidates: Candidates, allowed: Collection[str | None]
) -> list[OpenItem]:
    """Return the open items in the receipt's currency that a line may mean, those with just its number if any."""
    found = {
        item.item_id: item
        for key in keys_of_number(line.number)
        if key.kind is Kind.NUMBER
        for item, kind in candidates.named(key.text)
        if kind in (Kind.NUMBER, Kind.REFERENCE) and item.balance.currency == receipt.amount.currency
    }
    items = [found[item_id] for item_id in sorted(found)]
    if receipt.customer_id:
        items = [item for item in items if item.customer_id in allowed]
    written_alike = [item for item in items if item.number.strip() == line.number.strip()]
    return written_alike or items


Lines = list[tuple[RemittanceLine, list[OpenItem]]]


def _paid_short_in_all(receipt: Receipt, lines: Lines, allowed: Allowance) -> _Placement | None:
    """Return the placement where every line pays one item in full and only their sum is short, as after a bank's charges."""
    stated = Money.total((line.amount for line, _ in lines), receipt.amount.currency)
    items = [found[0] for _, found in lines if len(found) == 1]
    if stated <= receipt.amount or len({item.item_id for item in items}) < len(lines):
        return None
    if not all(line.amount == item.balance for (line, _), item in zip(lines, items, strict=True)):
        return None
    spread = within_tolerance(items, receipt.amount, allowed)
    if spread is None:
        return None
    mentions = [Mention(item, Kind.NUMBER, Strength.FULL, len(item.number)) for item in items]
    return _Placement(spread.on_account, allowed, list(spread.allocations), mentions)


def _place(receipt: Receipt, lines: Lines, allowed: Allowance) -> _Placement:
    placement = _Placement(receipt.amount, allowed)
    taken: set[str] = set()
    stated = Money.total((line.amount for line, _ in lines), receipt.amount.currency)
    if stated != receipt.amount:
        placement.against.append((DOUBTFUL_MAX, f"The remittance comes to {stated}, not to {receipt.amount}."))
    # Credit memos first: they add to what there is for the rest.
    for line, items in sorted(lines, key=lambda pair: pair[0].amount.amount >= 0):
        free = [item for item in items if item.item_id not in taken]
        if not free:
            placement.against.append((CONTRADICTED_MAX, f"{line.number} is not an open item of this customer."))
            continue
        if len(items) > 1:
            placement.against.append((DOUBTFUL_MAX, f"{line.number} may be one of {len(items)} items."))
        if _place_line(placement, line, free[0]):
            taken.add(free[0].item_id)
    if placement.left > receipt.amount:
        return _Placement(receipt.amount, allowed)
    return placement


def _place_line(placement: _Placement, line: RemittanceLine, item: OpenItem) -> bool:
    """Place one line, never more than the item's balance nor than is left; return whether anything was placed."""
    zero = Money.zero(item.balance.currency)
    length = len(item.number)
    if (line.amount < zero) != (item.balance < zero):
        placement.against.append((CONTRADICTED_MAX, f"The sign of {line.amount} is not that of {item.number}."))
        return False
    discount = _discount(placement, line, item)
    room = min(item.balance - discount, placement.left)
    paid = max(line.amount, item.balance) if item.balance < zero else min(line.amount, room)
    if paid != line.amount:
        placement.against.append((CONTRADICTED_MAX, f"{line.amount} cannot be placed on {item.number} in full."))
    if not paid:
        return False
    rest = item.balance - paid - discount
    placement.left -= paid
    if paid == line.amount and _may_be_written_off(placement, line, item, discount, rest):
        placement.allocations.append(Allocation(item.item_id, paid, discount, tolerance=rest))
    else:
        placement.allocations.append(_allocation(line, item, paid, discount, rest))
    placement.mentions.append(Mention(item, Kind.NUMBER, Strength.FULL, length))
    return True


def _may_be_written_off(
    placement: _Placement, line: RemittanceLine, item: OpenItem, discount: Money, rest: Money
) -> bool:
    """Return whether the rest of an item is within tolerance. A discount that is not earned is a shortfall however small."""
    if rest.amount <= 0 or (line.discount and not discount):
        return False
    return placement.written_off + rest <= placement.allowed.left and rest <= placement.allowed.on(item)


def _discount(placement: _Placement, line: RemittanceLine, item: OpenItem) -> Money:
    """Return the discount that is granted: what the payer takes, if it is earned."""
    zero = Money.zero(item.balance.currency)
    if not line.discount or item.balance < zero:
        return zero
    # On a part of the balance the discount is earned in proportion.
    part = min((line.amount + line.discount).amount / item.balance.amount, Decimal(1))
    earned = rounded((item.discount or zero).amount * part, item.balance.currency)
    if line.discount.amount <= earned:
        return line.discount
    placement.against.append((UNEARNED_MAX, f"A discount of {line.discount} on {item.number} is not earned."))
    return zero


def _allocation(line: RemittanceLine, item: OpenItem, paid: Money, discount: Money, rest: Money) -> Allocation:
    if not rest or item.balance < Money.zero(rest.currency):
        return Allocation(item.item_id, paid, discount)
    unearned = UNEARNED_DISCOUNT if line.discount and not discount else None
    reason = line.reason_code or unearned
    shortfall = Shortfall.DISPUTE if reason else Shortfall.PARTIAL
    return Allocation(item.item_id, paid, discount, shortfall, reason)
