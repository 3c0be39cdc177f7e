"""A customer's priority: the sum of the points of the rules that match, each with what spoke for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collections_service.activities.domain import Contacts, next_action_on
from collections_service.collectible.domain import Position
from collections_service.collection_strategies.domain import Rule, Strategy
from shared.days import days_late
from shared.money import Money

Rank = tuple[int, Decimal, str, str]
"""Sorts the worklist, ascending: priority and collectible amount from high to low, then number and currency."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that matched."""

    rule: str
    points: int
    detail: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One customer in one currency on the worklist."""

    position: Position
    last_contact: date | None
    next_action: date | None
    reasons: Sequence[Reason]

    @property
    def priority(self) -> int:
        """The sum of the reasons' points."""
        return sum(reason.points for reason in self.reasons)

    @property
    def rank(self) -> Rank:
        """Where it stands in the worklist."""
        standing = self.position.standing
        return -self.priority, -self.position.collectible.amount, standing.customer_id, standing.currency


def entry_for(position: Position, contacts: Contacts, strategy: Strategy | None, as_of: date) -> Entry:
    """Return a customer's entry. Without a strategy nothing speaks for it but the amount itself."""
    planned = next_action_on(contacts, follow_up_days=strategy.follow_up_days) if strategy else contacts.planned_on
    situation = _Situation(position, contacts, planned, as_of)
    reasons = [
        Reason(rule.rule, rule.points, detail)
        for rule in (strategy.rules if strategy else ())
        if (detail := situation.match(rule)) is not None
    ]
    return Entry(position, contacts.last_contact, planned, reasons)


def ranked(entries: Iterable[Entry]) -> list[Entry]:
    """Return who is worth a call, first the most urgent."""
    worth = (entry for entry in entries if entry.priority > 0 or entry.position.collectible)
    return sorted(worth, key=lambda entry: entry.rank)


@dataclass(frozen=True, slots=True)
class _Situation:
    """What the rules ask of. A match is the sentence that says why."""

    position: Position
    contacts: Contacts
    next_action: date | None
    as_of: date

    def match(self, rule: Rule) -> str | None:
        if rule.amount is not None:
            return self._amount(rule, rule.amount)
        if rule.days is not None:
            return self._days(rule, rule.days)
        if rule.count is not None:
            return self._count(rule, rule.count)
        return self._whether(rule)

    def _amount(self, rule: Rule, at_least: Decimal) -> str | None:
        amount, what = {
            "past_due_amount": (self.position.standing.past_due, "past due"),
            "collectible_amount": (self.position.collectible, "collectible"),
            "disputed_amount": (self.position.standing.disputed, "disputed"),
        }[rule.rule]
        return f"{amount} {what}" if amount and amount.amount >= at_least else None

    def _days(self, rule: Rule, at_least: int) -> str | None:
        if not self._is_late:
            return None
        if rule.rule == "days_past_due":
            late = self._days_late
            return f"Oldest item {late} days past due" if late >= at_least else None
        last = self.contacts.last_contact
        if last is None:
            return "Never contacted"
        silent = (self.as_of - last).days
        return f"No contact for {silent} days" if silent >= at_least else None

    def _count(self, rule: Rule, at_least: int) -> str | None:
        count, what = {
            "broken_promises": (self.position.broken_promises, "promise not kept"),
            "orders_on_hold": (self.position.standing.holds, "order on hold"),
        }[rule.rule]
        what = what if count == 1 else what.replace("promise", "promises").replace("order", "orders")
        return f"{count} {what}" if count >= at_least else None

    def _whether(self, rule: Rule) -> str | None:
        if rule.rule == "risk_class":
            risk_class = self.position.standing.risk_class
            return f"Risk class {risk_class}" if risk_class in rule.classes else None
        if rule.rule == "promise_due":
            due_on = self.position.promise_due_on
            return f"Payment promised for {due_on}" if due_on is not None else None
        follow_up = self.next_action
        return f"Follow-up due since {follow_up}" if follow_up is not None and follow_up <= self.as_of else None

    @property
    def _is_late(self) -> bool:
        past_due = self.position.standing.past_due
        return past_due > Money.zero(past_due.currency)

    @property
    def _days_late(self) -> int:
        oldest = self.position.standing.oldest_due_date
        return days_late(oldest, self.as_of) if oldest is not None else 0
