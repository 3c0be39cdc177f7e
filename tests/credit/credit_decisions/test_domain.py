"""The rules of the credit check, on plain values."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.credit_accounts.domain import Limit
from credit_service.credit_decisions.domain.facts import CheckFacts, as_document, from_document
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies.domain import PolicyContent

DAY = date(2026, 3, 2)
AT_ORDER = frozenset({"order"})


def facts(**changes: Any) -> CheckFacts:
    """Return an order of 100 against a limit of 1,000 of which 500 are used."""
    values: dict[str, Any] = {
        "as_of": DAY,
        "currency": "EUR",
        "document": Decimal("100.00"),
        "document_value": Decimal("100.00"),
        "requested_delivery_date": None,
        "limit": Limit.of(Decimal("1000.00")),
        "blocked": False,
        "open_orders": Decimal("200.00"),
        "open_items": Decimal("300.00"),
        "special": Decimal("0.00"),
        "unapplied": Decimal("0.00"),
        "own_reserved": Decimal("0.00"),
        "oldest_due_date": None,
        "unconverted": 0,
    }
    return CheckFacts(**values | {name: _amount(value) for name, value in changes.items()})


def _amount(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def policy(*rules: dict[str, Any], **more: Any) -> PolicyContent:
    return PolicyContent.model_validate({"rules": list(rules)} | more)


def objections(given_facts: CheckFacts, *rules: dict[str, Any], **more: Any) -> list[str]:
    verdict = decide(given_facts, policy(*rules, **more), AT_ORDER)
    return [finding.reason.rule for finding in verdict.findings]


STATIC = {"rule": "static_limit"}


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"document": "500.00"}, False),
        ({"document": "500.01"}, True),
        ({"document": "700.00", "own_reserved": "200.00"}, False),
        ({"document": "600.00", "unapplied": "100.00"}, False),
        ({"document": "500.00", "special": "0.01"}, True),
        ({"limit": Limit.of(None), "document": "99999999.00"}, False),
        ({"limit": Limit.of(Decimal(0))}, True),
        ({"limit": Limit.of(Decimal(0)), "unapplied": "600.00"}, False),
        ({"limit": Limit.of(Decimal("1000.00"), DAY)}, False),
        ({"limit": Limit.of(Decimal("1000.00"), DAY - timedelta(days=1))}, True),
        ({"limit": Limit.of(None, DAY - timedelta(days=1))}, True),
    ],
)
def test_everything_that_counts_with_this_document_stays_within_the_limit(changes: Any, held: bool) -> None:
    assert objections(facts(**changes), STATIC) == (["static_limit"] if held else [])


@pytest.mark.parametrize(("days", "held"), [(30, True), (31, False)])
def test_only_what_is_delivered_beyond_the_horizon_is_left_out(days: int, held: bool) -> None:
    delivered = facts(document="600.00", requested_delivery_date=DAY + timedelta(days=days), reserved_by_delivery={})

    assert objections(delivered, {"rule": "dynamic_limit", "horizon_days": 30}) == (["dynamic_limit"] if held else [])


def test_open_orders_beyond_the_horizon_are_left_out_but_open_items_never() -> None:
    far = {DAY + timedelta(days=31): Decimal("200.00")}
    rule = {"rule": "dynamic_limit", "horizon_days": 30}

    assert objections(facts(document="700.00", reserved_by_delivery=far), rule) == []
    assert objections(facts(document="700.01", reserved_by_delivery=far), rule) == ["dynamic_limit"]


@pytest.mark.parametrize(
    ("due", "held"),
    [
        (None, False),
        (DAY, False),
        (DAY + timedelta(days=5), False),
        (DAY - timedelta(days=30), False),
        (DAY - timedelta(days=31), True),
    ],
)
def test_no_item_is_more_than_the_accepted_days_past_due(due: date | None, held: bool) -> None:
    assert objections(facts(oldest_due_date=due), {"rule": "oldest_open_item", "days": 30}) == (
        ["oldest_open_item"] if held else []
    )


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"overdue": "150.00"}, False),
        ({"overdue": "151.00"}, True),
        ({"overdue": "151.00", "document": "0.01"}, False),
        ({"overdue": "151.00", "limit": Limit.of(None)}, False),
        ({"overdue": "151.00", "open_items": "-1.00"}, False),
    ],
)
def test_overdue_matters_only_where_much_is_overdue_and_much_is_used(changes: Any, held: bool) -> None:
    rule = {"rule": "overdue_share", "overdue_pct": "50", "use_pct": "55"}

    assert objections(facts(**changes), rule) == (["overdue_share"] if held else [])


@pytest.mark.parametrize(("value", "held"), [("250.00", False), ("250.01", True)])
def test_one_document_is_worth_at_most_the_maximum(value: str, held: bool) -> None:
    rule = {"rule": "max_document_value", "max_amount": "250.00"}

    assert objections(facts(document_value=value), rule) == (["max_document_value"] if held else [])


@pytest.mark.parametrize(("until", "held"), [(None, False), (DAY, False), (DAY - timedelta(days=1), True)])
def test_a_limit_holds_on_its_last_day(until: date | None, held: bool) -> None:
    limited = facts(limit=Limit.of(Decimal("1000.00"), until))

    assert objections(limited, {"rule": "limit_validity"}) == (["limit_validity"] if held else [])


def test_every_reason_that_applies_is_named_and_the_gravest_reaction_decides() -> None:
    bad = facts(document="600.00", blocked=True, oldest_due_date=date(2025, 1, 1))
    rules: list[dict[str, Any]] = [
        {"rule": "static_limit", "reaction": "hold"},
        {"rule": "account_blocked", "reaction": "reject"},
        {"rule": "oldest_open_item", "days": 30, "reaction": "warn"},
    ]

    verdict = decide(bad, policy(*rules), AT_ORDER)

    assert verdict.decision == "rejected"
    assert [(finding.reason.rule, finding.reaction) for finding in verdict.findings] == [
        ("static_limit", "hold"),
        ("account_blocked", "reject"),
        ("oldest_open_item", "warn"),
    ]


def test_a_warning_does_not_hold() -> None:
    verdict = decide(facts(blocked=True), policy({"rule": "account_blocked", "reaction": "warn"}), AT_ORDER)

    assert (verdict.decision, len(verdict.findings), verdict.holding) == ("approved", 1, ())


def test_a_rule_runs_only_at_its_checkpoints_and_not_at_all_without_a_reaction() -> None:
    at_delivery = {"rule": "account_blocked", "checkpoints": ["delivery"]}
    off = {"rule": "account_blocked", "reaction": "none"}

    assert objections(facts(blocked=True), at_delivery) == []
    assert objections(facts(blocked=True), off) == []


def test_a_small_value_is_not_checked_where_the_policy_says_so() -> None:
    blocked = facts(blocked=True, document_value="99.99")

    assert objections(blocked, {"rule": "account_blocked"}, small_value_below="100.00") == []
    assert objections(facts(blocked=True), {"rule": "account_blocked"}, small_value_below="100.00") != []


def test_what_a_person_let_pass_is_asked_no_more() -> None:
    excused = facts(document="600.00", blocked=True, excused=("static_limit",))

    assert objections(excused, STATIC, {"rule": "account_blocked"}) == ["account_blocked"]


def test_an_exposure_that_is_not_known_in_full_approves_nothing() -> None:
    assert objections(facts(unconverted=1)) == ["missing_exchange_rate"]


def test_what_is_invoiced_in_full_has_nothing_left_to_hold() -> None:
    assert objections(facts(document="0.00", blocked=True), {"rule": "account_blocked"}) == []


amounts = st.decimals(min_value=0, max_value=10**9, places=2)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
some_facts = st.builds(
    CheckFacts,
    as_of=days,
    currency=st.just("EUR"),
    document=amounts,
    document_value=amounts,
    requested_delivery_date=st.none() | days,
    limit=st.builds(Limit.of, st.none() | amounts, st.none() | days),
    blocked=st.booleans(),
    open_orders=amounts,
    open_items=amounts,
    special=amounts,
    unapplied=amounts,
    own_reserved=amounts,
    oldest_due_date=st.none() | days,
    unconverted=st.integers(0, 2),
    excused=st.lists(st.sampled_from(["static_limit", "account_blocked"])).map(tuple),
    overdue=st.none() | amounts,
    reserved_by_delivery=st.none() | st.dictionaries(days, amounts, max_size=3),
)
EVERYTHING = policy(
    STATIC,
    {"rule": "dynamic_limit", "horizon_days": 30},
    {"rule": "oldest_open_item", "days": 30},
    {"rule": "overdue_share", "overdue_pct": "50", "use_pct": "55"},
    {"rule": "max_document_value", "max_amount": "250.00"},
    {"rule": "limit_validity"},
    {"rule": "account_blocked"},
)


@given(some_facts)
def test_stored_facts_give_the_same_decision_again(these: CheckFacts) -> None:
    stored = json.loads(json.dumps(as_document(these)))

    assert from_document(stored) == these
    assert decide(from_document(stored), EVERYTHING, AT_ORDER) == decide(these, EVERYTHING, AT_ORDER)
