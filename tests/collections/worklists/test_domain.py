"""What speaks for calling a customer, and who comes first."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from collections_service.activities.domain import NEVER, Contacts
from collections_service.collectible.domain import Position
from collections_service.collection_strategies.domain import Rule, Strategy
from collections_service.receivables.domain import Standing
from collections_service.worklists.domain import entry_for, ranked
from shared.money import Money

AS_OF = date(2026, 3, 31)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


QUIET = Position(
    standing=Standing(
        customer_id="C-1",
        currency="EUR",
        name="Kunde",
        collector="anna",
        risk_class="B",
        past_due=eur("0"),
        due=eur("0"),
        disputed=eur("0"),
        unapplied=eur("0"),
        oldest_due_date=None,
        disputes=0,
        holds=0,
    ),
    open_promises=eur("0"),
    promise_due_on=None,
    broken_promises=0,
    collectible=eur("0"),
)


def standing(**changes: Any) -> Position:
    return replace(QUIET, standing=replace(QUIET.standing, **changes))


def late(days: int, amount: str = "500.00") -> Position:
    position = standing(past_due=eur(amount), oldest_due_date=AS_OF - timedelta(days=days))
    return replace(position, collectible=eur(amount))


def strategy(*rules: Rule, follow_up_days: int = 7) -> Strategy:
    return Strategy("default", None, rules, follow_up_days=follow_up_days)


@pytest.mark.parametrize(
    ("rule", "position", "contacts", "detail"),
    [
        (Rule("past_due_amount", 5, amount=Decimal("500")), late(3), NEVER, "500.00 EUR past due"),
        (Rule("past_due_amount", 5, amount=Decimal("500.01")), late(3), NEVER, None),
        (Rule("past_due_amount", 5, amount=Decimal("0")), QUIET, NEVER, None),
        (Rule("collectible_amount", 5, amount=Decimal("500")), late(3), NEVER, "500.00 EUR collectible"),
        (Rule("disputed_amount", 5, amount=Decimal("9")), standing(disputed=eur("9")), NEVER, "9.00 EUR disputed"),
        (Rule("days_past_due", 5, days=30), late(30), NEVER, "Oldest item 30 days past due"),
        (Rule("days_past_due", 5, days=30), late(29), NEVER, None),
        (Rule("days_past_due", 5, days=30), late(90, "-5.00"), NEVER, None),
        (Rule("no_contact", 5, days=14), late(3), NEVER, "Never contacted"),
        (Rule("no_contact", 5, days=14), late(3), Contacts(date(2026, 3, 17)), "No contact for 14 days"),
        (Rule("no_contact", 5, days=14), late(3), Contacts(date(2026, 3, 18)), None),
        (Rule("no_contact", 5, days=14), QUIET, NEVER, None),
        (Rule("broken_promises", 5, count=1), replace(QUIET, broken_promises=1), NEVER, "1 promise not kept"),
        (Rule("broken_promises", 5, count=2), replace(QUIET, broken_promises=3), NEVER, "3 promises not kept"),
        (Rule("broken_promises", 5, count=2), replace(QUIET, broken_promises=1), NEVER, None),
        (Rule("orders_on_hold", 5, count=1), standing(holds=2), NEVER, "2 orders on hold"),
        (Rule("orders_on_hold", 5, count=1), QUIET, NEVER, None),
        (Rule("promise_due", 5), replace(QUIET, promise_due_on=AS_OF), NEVER, "Payment promised for 2026-03-31"),
        (Rule("promise_due", 5), QUIET, NEVER, None),
        (Rule("follow_up_due", 5), QUIET, Contacts(None, AS_OF), "Follow-up due since 2026-03-31"),
        (Rule("follow_up_due", 5), QUIET, Contacts(None, AS_OF + timedelta(days=1)), None),
        (Rule("risk_class", 5, classes=("D", "E")), standing(risk_class="E"), NEVER, "Risk class E"),
        (Rule("risk_class", 5, classes=("D", "E")), QUIET, NEVER, None),
        (Rule("risk_class", 5, classes=("D", "E")), standing(risk_class=None), NEVER, None),
    ],
)
def test_a_rule_matches_from_its_threshold_on_and_says_why(
    rule: Rule, position: Position, contacts: Contacts, detail: str | None
) -> None:
    entry = entry_for(position, contacts, strategy(rule), AS_OF)

    assert [reason.detail for reason in entry.reasons] == ([detail] if detail else [])
    assert entry.priority == (5 if detail else 0)


def test_the_priority_is_the_sum_of_the_points_of_all_rules_that_match() -> None:
    tiers = strategy(
        Rule("days_past_due", 5, days=10), Rule("days_past_due", 10, days=30), Rule("days_past_due", 15, days=60)
    )

    entry = entry_for(late(45), NEVER, tiers, AS_OF)

    assert ([reason.points for reason in entry.reasons], entry.priority) == ([5, 10], 15)


def test_a_contact_after_the_planned_day_counts_as_the_planned_one() -> None:
    done = Contacts(last_contact=date(2026, 3, 30), planned_on=date(2026, 3, 30))

    assert entry_for(late(3), done, strategy(follow_up_days=7), AS_OF).next_action == date(2026, 4, 6)


def test_without_a_plan_the_next_step_follows_the_strategys_interval() -> None:
    assert entry_for(late(3), Contacts(AS_OF), strategy(follow_up_days=3), AS_OF).next_action == date(2026, 4, 3)
    assert entry_for(late(3), NEVER, strategy(), AS_OF).next_action is None


def test_the_most_urgent_comes_first_and_the_larger_amount_before_the_smaller() -> None:
    rules = strategy(Rule("days_past_due", 10, days=30))
    entries = [
        entry_for(replace(position, standing=replace(position.standing, customer_id=name)), NEVER, rules, AS_OF)
        for name, position in {
            "quiet": QUIET,
            "small": late(5, "10.00"),
            "large": late(5, "90.00"),
            "old": late(40, "1.00"),
        }.items()
    ]

    assert [entry.position.standing.customer_id for entry in ranked(entries)] == ["old", "large", "small"]


def test_without_a_strategy_the_amount_alone_ranks() -> None:
    entry = entry_for(late(5), NEVER, None, AS_OF)

    assert (entry.priority, entry.reasons) == (0, [])
    assert ranked([entry]) == [entry]
