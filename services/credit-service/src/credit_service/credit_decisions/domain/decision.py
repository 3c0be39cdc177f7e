"""One order decided on one account: what the order becomes, and what the account's exposure becomes with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from credit_service.credit_accounts.domain import ZERO, Account
from credit_service.credit_decisions.domain.facts import CheckFacts, facts_of
from credit_service.credit_decisions.domain.verdict import Finding, Verdict, decide
from credit_service.credit_policies.domain import Policy
from credit_service.orders.domain import Order, settled
from shared.errors import InvalidError
from shared.events.credit import OrderStatus
from shared.money import AMOUNT_DIGITS_MAX, Money, rounded

EXPOSURE_MAX = Decimal(10**AMOUNT_DIGITS_MAX)


class AbsurdAmountError(InvalidError):
    """With this order the exposure is more than any company could be owed."""

    code = "amount_out_of_range"

    def __init__(self) -> None:
        super().__init__(f"With this order the exposure would pass {EXPOSURE_MAX:,}.", field="amount")


@dataclass(frozen=True, slots=True)
class Asked:
    """An order to be decided. `rate` is to the account's currency."""

    order_id: str
    customer_id: str
    amount: Decimal
    currency: str
    rate: Decimal
    requested_delivery_date: date | None
    checkpoint: str
    as_of: date

    @classmethod
    def again(cls, order: Order, as_of: date) -> "Asked":
        """Return what is asked when an order is decided again as it stands."""
        return cls(
            order.order_id,
            order.customer_id,
            order.amount,
            order.currency,
            order.rate,
            order.requested_delivery_date,
            order.checkpoint,
            as_of,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the account: invoiced in the order's currency; the others where a rule asks for them."""

    invoiced: Decimal = ZERO
    overdue: Decimal | None = None
    reserved_by_delivery: dict[date, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with all that it changes. `present` is the order as it was before, `account` as it is afterwards."""

    decision_id: str
    order: Order
    present: Order | None
    account: Account
    facts: CheckFacts
    verdict: Verdict
    policy: Policy
    checkpoints: frozenset[str]
    by_person: bool = False

    @property
    def exposure_before(self) -> Money:
        """What counted before."""
        return Money(self.facts.exposure, self.facts.currency)

    @property
    def exposure_after(self) -> Money:
        """What counts now."""
        return Money(self.account.exposure.total, self.facts.currency)

    @property
    def available_after(self) -> Money | None:
        """What is left of the limit, negative where it is passed; None where there is no bound."""
        limit = self.facts.limit.effective(self.facts.as_of)
        return None if limit is None else Money(limit, self.facts.currency) - self.exposure_after


def gather(asked: Asked, account: Account, present: Order | None, known: Known) -> CheckFacts:
    """Return the facts of one order."""
    excused: tuple[str, ...] = ()
    if present and present.release and present.currency == asked.currency:
        excused = present.release.excuses(amount=asked.amount, as_of=asked.as_of)
    return facts_of(
        account,
        as_of=asked.as_of,
        document=rounded(max(asked.amount - known.invoiced, ZERO) * asked.rate, account.currency),
        document_value=rounded(asked.amount * asked.rate, account.currency),
        requested_delivery_date=asked.requested_delivery_date,
        own_reserved=present.reserved if present else ZERO,
        excused=excused,
        overdue=known.overdue,
        reserved_by_delivery=_without(present, known.reserved_by_delivery),
    )


def _without(present: Order | None, by_delivery: Mapping[date, Decimal] | None) -> Mapping[date, Decimal] | None:
    """Return a copy that leaves out what the order itself has reserved."""
    if by_delivery is None:
        return None
    rest = dict(by_delivery)
    if present is not None and present.requested_delivery_date in rest:
        rest[present.requested_delivery_date] -= present.reserved
    return rest


def checkpoints_of(asked: Asked, present: Order | None) -> frozenset[str]:
    """Return whose rules run: a held order that moves on stays subject to those that held it."""
    held_at = {present.checkpoint} if present and present.status == "held" else set()
    return frozenset({asked.checkpoint} | held_at)


def _hold_of(decision_id: str) -> str:
    """Return the number of the hold that a decision opens."""
    return "hld_" + decision_id.split("_", 1)[1]


def decide_order(
    asked: Asked,
    account: Account,
    present: Order | None,
    policy: Policy,
    known: Known,
    *,
    decision_id: str,
    passed: Literal["approved", "released"] = "approved",
    person: Literal["approved", "rejected"] | None = None,
) -> Decided:
    """Decide one order.

    `passed` is the state of an order that nothing holds; `person` overrides the rules, whose objections stay noted.
    Raises `AbsurdAmountError`.
    """
    facts = gather(asked, account, present, known)
    checkpoints = checkpoints_of(asked, present)
    verdict = decide(facts, policy.content, checkpoints)
    if person is not None:
        verdict = Verdict(person, tuple(Finding(one.reason, "warn") for one in verdict.findings))
    held = verdict.decision == "held"
    status: OrderStatus = passed if verdict.decision == "approved" else verdict.decision
    order = settled(
        Order(
            asked.order_id,
            asked.customer_id,
            (present.version if present else 0) + 1,
            status,
            asked.amount,
            asked.currency,
            asked.rate,
            ZERO,
            ZERO,
            asked.requested_delivery_date,
            asked.checkpoint,
            policy.content.held_orders_reserve,
            decision_id,
            ((present.hold_id if present else None) or _hold_of(decision_id)) if held else None,
            present.release if present else None,
        ),
        invoiced=known.invoiced,
        account_currency=account.currency,
    )
    exposure = replace(account.exposure, open_orders=account.exposure.open_orders - facts.own_reserved + order.reserved)
    if abs(exposure.total) >= EXPOSURE_MAX or exposure.open_orders >= EXPOSURE_MAX:
        raise AbsurdAmountError
    return Decided(
        decision_id,
        order,
        present,
        replace(account, exposure=exposure),
        facts,
        verdict,
        policy,
        checkpoints,
        person is not None,
    )
