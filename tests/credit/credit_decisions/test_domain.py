"""The rules of the credit check, on plain values."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.credit_accounts.domain import Cover, Limit
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.stored import as_document, from_document
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies.domain import PolicyContent
from credit_service.limit_pools.domain import Pool
from credit_service.receivables.domain import Due

DAY = date(2026, 3, 2)
AT_ORDER = frozenset({"order"})
TEXTS = {"payment_terms", "agreed_terms", "order_type", "order_currency"}


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
    return CheckFacts(**values | {name: value if name in TEXTS else _amount(value) for name, value in changes.items()})


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
    at_horizon = {DAY + timedelta(days=30): Decimal("200.00")}
    assert objections(facts(document="500.01", reserved_by_delivery=at_horizon), rule) == ["dynamic_limit"]


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


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.mark.parametrize(("level", "held"), [(0, False), (2, False), (3, True)])
def test_no_open_item_is_dunned_above_the_level(level: int, held: bool) -> None:
    rule = {"rule": "max_dunning_level", "max_level": 2}

    assert objections(facts(dunning_level=level), rule) == (["max_dunning_level"] if held else [])


@pytest.mark.parametrize(
    ("review", "grace_days", "held"),
    [
        (None, 0, False),
        (DAY, 0, False),
        (ago(1), 0, True),
        (ago(14), 14, False),
        (ago(15), 14, True),
        (DAY + timedelta(days=1), 0, False),
    ],
)
def test_a_review_is_overdue_on_the_day_after_its_day_and_grace(
    review: date | None, grace_days: int, held: bool
) -> None:
    rule = {"rule": "review_due", "grace_days": grace_days}

    assert objections(facts(next_review_on=review), rule) == (["review_due"] if held else [])


@pytest.mark.parametrize("rule", ["broken_promises", "returned_payments"])
@pytest.mark.parametrize(
    ("happened", "held"),
    [
        ((), False),
        ((ago(1),), False),
        ((ago(1), ago(1)), True),
        ((ago(0), ago(30)), True),
        ((ago(0), ago(31)), False),
        ((ago(0), ago(-1)), False),
    ],
)
def test_only_what_happened_within_the_last_days_is_counted(rule: str, happened: Any, held: bool) -> None:
    asked = {"rule": rule, "days": 30, "max_count": 1}

    assert objections(facts(**{rule: happened}), asked) == ([rule] if held else [])


@pytest.mark.parametrize(
    ("terms", "agreed", "held"),
    [
        (None, "net 30", False),
        ("net 30", "net 30", False),
        ("net 31", "net 30", True),
        ("2/10 net 30", "net 30", True),
        ("prepayment", "net 30", False),
        ("net 30", "as we always did", True),
        ("as we always did", "as we always did", False),
    ],
)
def test_an_order_s_terms_are_no_better_than_those_agreed(terms: str | None, agreed: str, held: bool) -> None:
    better = facts(payment_terms=terms, agreed_terms=agreed)

    assert objections(better, {"rule": "payment_terms"}) == (["payment_terms"] if held else [])


@pytest.mark.parametrize("agreed", ["prepayment", "Cash in advance"])
@pytest.mark.parametrize(
    ("terms", "prepaid", "held"),
    [(None, False, True), (None, True, False), ("prepayment", False, False), ("net 30", False, True)],
)
def test_where_prepayment_is_agreed_an_order_says_that_it_is_prepaid(
    agreed: str, terms: str | None, prepaid: bool, held: bool
) -> None:
    asked = facts(payment_terms=terms, prepaid=prepaid, agreed_terms=agreed)

    assert objections(asked, {"rule": "payment_terms"}) == (["payment_terms"] if held else [])


def test_what_the_policy_excludes_is_not_checked() -> None:
    blocked = {"rule": "account_blocked"}

    assert objections(facts(blocked=True, order_type="sample"), blocked, excluded_order_types=["sample"]) == []
    assert objections(facts(blocked=True, order_type="order"), blocked, excluded_order_types=["sample"]) != []
    assert objections(facts(blocked=True), blocked, excluded_order_types=["sample"]) != []
    assert objections(facts(blocked=True, prepaid=True), blocked, prepaid_excluded=True) == []
    assert objections(facts(blocked=True, prepaid=False), blocked, prepaid_excluded=True) != []
    assert objections(facts(blocked=True, prepaid=True), blocked) != []


@pytest.mark.parametrize(
    ("due", "counts", "held"),
    [
        (Due(Decimal(100), Decimal(0)), False, True),
        (Due(Decimal(100), Decimal("99.99")), False, True),
        (Due(Decimal(100), Decimal(100)), False, False),
        (Due(Decimal(100), Decimal(100)), True, True),
    ],
)
def test_what_is_disputed_in_full_is_no_oldest_item_where_the_policy_says_so(
    due: Due, counts: bool, held: bool
) -> None:
    late = facts(oldest_due_date=ago(31), dues={ago(31): due, ago(30): Due(Decimal(5))})
    rule = {"rule": "oldest_open_item", "days": 30}

    assert objections(late, rule, disputed_counts_as_overdue=counts) == (["oldest_open_item"] if held else [])


@pytest.mark.parametrize(
    ("disputed", "counts", "held"), [("0", False, True), ("1.00", False, False), ("1.00", True, True)]
)
def test_what_is_disputed_is_left_out_of_the_overdue_share_where_the_policy_says_so(
    disputed: str, counts: bool, held: bool
) -> None:
    late = facts(oldest_due_date=ago(1), dues={ago(1): Due(Decimal("151.00"), Decimal(disputed))})
    rule = {"rule": "overdue_share", "overdue_pct": "50", "use_pct": "55"}

    assert objections(late, rule, disputed_counts_as_overdue=counts) == (["overdue_share"] if held else [])


@pytest.mark.parametrize(
    ("limit", "cover", "counts", "held"),
    [
        ("1000.00", Cover(Decimal(200), Decimal(100), DAY), True, False),
        ("1000.00", Cover(Decimal(200), Decimal("99.99"), DAY), True, True),
        ("1000.00", Cover(Decimal(200), Decimal(100), None), True, False),
        ("1000.00", Cover(Decimal(200), Decimal(100), ago(1)), True, True),
        ("1000.00", Cover(Decimal(200), Decimal(100), DAY), False, True),
        ("0", Cover(Decimal(2000), Decimal(2000), DAY), True, True),
    ],
)
def test_valid_cover_is_added_to_a_limit_in_force_where_the_policy_says_so(
    limit: str, cover: Cover, counts: bool, held: bool
) -> None:
    insured = facts(document="600.00", limit=Limit.of(Decimal(limit)), cover=cover)

    assert objections(insured, STATIC, insured_cover_counts=counts) == (["static_limit"] if held else [])


def test_a_rule_may_warn_at_the_order_and_hold_at_the_goods_issue() -> None:
    twice = policy(
        {"rule": "account_blocked", "checkpoints": ["order"], "reaction": "warn"},
        {"rule": "account_blocked", "checkpoints": ["goods_issue"], "reaction": "hold"},
    )

    at_order = decide(facts(blocked=True), twice, AT_ORDER)
    at_both = decide(facts(blocked=True), twice, frozenset({"order", "goods_issue"}))

    assert at_order.decision == "approved"
    assert (at_both.decision, [finding.reaction for finding in at_both.findings]) == ("held", ["hold"])


def pool(**changes: Any) -> Pool:
    """Return a pool of 10,000 USD at the head H, of which 9,000 are used; a euro is worth two dollars."""
    values: dict[str, Any] = {
        "pool_id": "H",
        "currency": "USD",
        "rate": Decimal(2),
        "limit": Limit.of(Decimal("10000.00")),
        "cover": Cover(),
        "exposure": Decimal(9000),
        "unconverted": 0,
    }
    return Pool(**values | changes)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"document": "500.00"}, []),
        ({"document": "500.01"}, ["static_limit", "pooled_limit"]),
        ({"document": "400.00", "pool": pool(exposure=Decimal(9201))}, ["pooled_limit"]),
        ({"document": "400.00", "own_reserved": "0.50", "pool": pool(exposure=Decimal(9201))}, []),
        ({"document": "500.01", "limit_decided": False, "pool": pool(exposure=Decimal(8000))}, []),
        ({"document": "500.01", "limit_decided": False}, ["pooled_limit"]),
        ({"document": "1.00", "pool": pool(limit=Limit.of(None))}, []),
        ({"document": "1.00", "pool": pool(limit=Limit.of(Decimal(0)))}, ["pooled_limit"]),
        ({"document": "1.00", "pool": pool(limit=Limit.of(Decimal(10000), ago(1)))}, ["pooled_limit"]),
        ({"document": "1.00", "pool": pool(unconverted=1)}, ["missing_exchange_rate"]),
        ({"document": "1.00", "pool": pool(rate=None)}, ["missing_exchange_rate"]),
        ({"document": "1.00", "limit_decided": False, "limit": Limit("zero"), "pool": None}, ["static_limit"]),
    ],
)
def test_an_order_of_a_pool_s_member_stays_within_its_own_limit_and_the_pool_s(
    changes: Any, reasons: list[str]
) -> None:
    assert objections(facts(**{"pool": pool()} | changes), STATIC) == reasons


def test_a_pool_is_passed_by_less_than_the_smallest_unit() -> None:
    third = pool(rate=Decimal("0.3333333333"), exposure=Decimal("9966.67"))

    verdict = decide(facts(pool=third, document="100.00"), policy(STATIC), AT_ORDER)

    assert [(one.rule, one.actual, one.limit) for one in verdict.holding] == [("pooled_limit", "10000.01", "10000.00")]


def test_a_pool_of_absurd_exposures_is_held_and_no_fault() -> None:
    absurd = pool(rate=Decimal(10**9), exposure=Decimal("9" * 30 + ".00000000000001"))

    assert objections(facts(pool=absurd, document="1.00"), STATIC) == ["pooled_limit"]


amounts = st.decimals(min_value=0, max_value=10**9, places=2)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
covers = st.builds(Cover, amounts, amounts, st.none() | days)
limits = st.builds(Limit.of, st.none() | amounts, st.none() | days) | st.builds(
    Limit, st.just("amount"), amounts, st.none() | days, amounts, days
)
some_facts = st.builds(
    CheckFacts,
    as_of=days,
    currency=st.just("EUR"),
    document=amounts,
    document_value=amounts,
    requested_delivery_date=st.none() | days,
    limit=limits,
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
    dues=st.none() | st.dictionaries(days, st.builds(Due, amounts, amounts), max_size=3),
    amount=st.none() | amounts,
    order_currency=st.none() | st.just("USD"),
    rate=amounts,
    excusable=st.lists(st.sampled_from(["static_limit", "account_blocked"])).map(tuple),
    order_type=st.none() | st.just("sample"),
    prepaid=st.booleans(),
    payment_terms=st.none() | st.sampled_from(["net 30", "2/10 net 60", "prepayment"]),
    agreed_terms=st.sampled_from(["", "net 30"]),
    dunning_level=st.integers(0, 9),
    next_review_on=st.none() | days,
    broken_promises=st.lists(days, max_size=3).map(tuple),
    returned_payments=st.lists(days, max_size=3).map(tuple),
    cover=covers,
    limit_decided=st.booleans(),
    pool=st.none()
    | st.builds(Pool, st.just("H"), st.just("USD"), st.none() | amounts, limits, covers, amounts, st.integers(0, 1)),
)
EVERYTHING = policy(
    STATIC,
    {"rule": "dynamic_limit", "horizon_days": 30},
    {"rule": "oldest_open_item", "days": 30},
    {"rule": "overdue_share", "overdue_pct": "50", "use_pct": "55"},
    {"rule": "max_document_value", "max_amount": "250.00"},
    {"rule": "limit_validity"},
    {"rule": "account_blocked"},
    {"rule": "review_due"},
    {"rule": "max_dunning_level", "max_level": 2},
    {"rule": "broken_promises", "days": 30},
    {"rule": "returned_payments", "days": 30},
    {"rule": "payment_terms"},
    insured_cover_counts=True,
    disputed_counts_as_overdue=False,
)


@given(some_facts)
def test_stored_facts_give_the_same_decision_again(these: CheckFacts) -> None:
    stored = json.loads(json.dumps(as_document(these)))

    assert from_document(stored) == these
    assert decide(from_document(stored), EVERYTHING, AT_ORDER) == decide(these, EVERYTHING, AT_ORDER)


def test_facts_of_the_time_before_pools_and_dues_are_read_as_they_were() -> None:
    stored = as_document(facts(overdue="151.00", blocked=True))
    old = {
        name: stored[name]
        for name in stored
        if name
        not in (
            "delivered",
            "amount",
            "order_currency",
            "rate",
            "taken_over",
            "payment_terms",
            "agreed_terms",
            "limit_decided",
        )
    }

    verdict = decide(from_document(old), EVERYTHING, AT_ORDER)

    assert [finding.reason.rule for finding in verdict.findings] == ["overdue_share", "account_blocked"]
