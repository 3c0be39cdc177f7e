"""What would let a held order go: applying it does, and one minor unit less does not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_service.credit_accounts.domain import Cover, Limit
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.remedies import Remedies, Remedy, limited, paid, reduced, remedies
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies.domain import PolicyContent
from credit_service.limit_pools.domain import Pool
from credit_service.receivables.domain import Due
from shared.money import rounded, smallest_unit

DAY = date(2026, 3, 2)
AT_ORDER = frozenset({"order"})


def order(amount: str = "300.00", **changes: Any) -> CheckFacts:
    """Return an order against a limit of 1,000 of which 800 are open items."""
    rate, taken = changes.get("rate", Decimal(1)), changes.get("taken_over", Decimal(0))
    values: dict[str, Any] = {
        "as_of": DAY,
        "currency": "EUR",
        "document": rounded(max(Decimal(amount) - taken, Decimal(0)) * rate, "EUR"),
        "document_value": rounded(Decimal(amount) * rate, "EUR"),
        "amount": Decimal(amount),
        "order_currency": "EUR",
        "requested_delivery_date": None,
        "limit": Limit.of(Decimal("1000.00")),
        "blocked": False,
        "open_orders": Decimal(0),
        "open_items": Decimal("800.00"),
        "special": Decimal(0),
        "unapplied": Decimal(0),
        "own_reserved": Decimal(0),
        "oldest_due_date": None,
        "unconverted": 0,
    }
    return CheckFacts(**values | changes)


def policy(*rules: dict[str, Any], **more: Any) -> PolicyContent:
    return PolicyContent.model_validate({"rules": list(rules)} | more)


STATIC = {"rule": "static_limit"}
BLOCKED = {"rule": "account_blocked"}
MAXIMUM = {"rule": "max_document_value", "max_amount": "250.00"}
OLDEST = {"rule": "oldest_open_item", "days": 30}
SHARE = {"rule": "overdue_share", "overdue_pct": "20", "use_pct": "50"}


def out(facts: CheckFacts, *rules: dict[str, Any], **more: Any) -> tuple[str | None, str | None, str | None]:
    """Return the amounts of payment, limit and reduction."""
    found = remedies(facts, policy(*rules, **more), AT_ORDER, customer_id="C-1")
    payment, limit, reduction = (None if one is None else str(one.amount) for one in _all(found))
    return payment, limit, reduction


def _all(found: Remedies) -> tuple[Remedy | None, Remedy | None, Remedy | None]:
    return found.payment, found.limit, found.reduction


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


LATE = {
    "oldest_due_date": ago(60),
    "dues": {ago(60): Due(Decimal(90)), ago(31): Due(Decimal(10)), ago(30): Due(Decimal(5))},
}


@pytest.mark.parametrize(
    ("facts", "rules", "ways"),
    [
        (order(), [STATIC], ("100.00", "1100.00", "200.00")),
        (order(), [STATIC, BLOCKED], ("100.00", "1100.00", "200.00")),
        (order(blocked=True), [STATIC, BLOCKED], (None, None, None)),
        (order(), [STATIC, MAXIMUM], (None, None, "200.00")),
        (order("260.00", open_items=Decimal(0)), [STATIC, MAXIMUM], (None, None, "250.00")),
        (order(open_items=Decimal(1000)), [STATIC], ("300.00", "1300.00", None)),
        (order(limit=Limit.of(Decimal(0))), [STATIC], ("1100.00", "1100.00", None)),
        (order(limit=Limit.of(Decimal(5000), ago(1))), [STATIC, {"rule": "limit_validity"}], (None, "1100.00", None)),
        (order(taken_over=Decimal(99)), [STATIC], ("1.00", "1001.00", "299.00")),
        (order(taken_over=Decimal(50)), [STATIC], ("50.00", "1050.00", "250.00")),
        (order("1.00", **LATE), [STATIC, OLDEST], ("100.00", None, None)),
        (order("300.00", **LATE), [STATIC, OLDEST], ("100.00", None, None)),
        (order("301.00", **LATE), [STATIC, OLDEST], ("101.00", None, None)),
        (order("1.00", dues={ago(1): Due(Decimal(400))}), [SHARE], ("300.00", "1602.00", None)),
        (order("1.00", dues={ago(1): Due(Decimal(165))}), [SHARE], ("6.25", "1602.00", None)),
        (order("1.00", dues={ago(1): Due(Decimal(165))}, open_items=Decimal(500)), [SHARE], ("1.00", "1002.00", None)),
        (
            order("2.00", dues={ago(1): Due(Decimal(165))}, open_items=Decimal(499)),
            [SHARE],
            ("1.00", "1002.00", "1.00"),
        ),
    ],
)
def test_the_farthest_of_the_rules_that_object_decides(
    facts: CheckFacts, rules: list[dict[str, Any]], ways: tuple[str | None, str | None, str | None]
) -> None:
    assert out(facts, *rules) == ways


def test_a_small_value_or_what_was_released_before_is_a_way_out_in_spite_of_other_rules() -> None:
    blocked = order(blocked=True, excusable=("account_blocked",), excusable_up_to=Decimal("150.00"))

    assert out(blocked, BLOCKED, small_value_below="100.00") == (None, None, "150.00")
    assert out(order(blocked=True), BLOCKED, small_value_below="100.00") == (None, None, "99.99")


@pytest.mark.parametrize(
    ("account", "currency", "rate", "limit", "largest"),
    [
        ("EUR", "EUR", "1", "250.00", "250.00"),
        # 0.0049 is worth 0.00, 0.005 is worth 0.01.
        ("EUR", "JPY", "0.0062", "100.00", "16129"),
        ("EUR", "JPY", "0.005", "0.10", "20"),
        ("EUR", "KWD", "3.26", "100.00", "30.676"),
        ("EUR", "KWD", "2.5", "0.01", "0.005"),
        ("JPY", "EUR", "161.3", "1000", "6.20"),
        ("JPY", "KWD", "525.7", "1", "0.002"),
        ("JPY", "KWD", "0.5", "7", "14.999"),
        ("KWD", "EUR", "0.3067", "1.000", "3.26"),
        ("KWD", "JPY", "0.0019", "0.010", "5"),
        ("KWD", "KWD", "1", "0.001", "0.001"),
        ("EUR", "JPY", "0.0000000001", "0.01", "149999999"),
        ("JPY", "KWD", "1000000000", "3000000", "0.003"),
    ],
)
def test_the_largest_order_that_passes_is_reckoned_to_its_last_unit_in_every_currency(
    account: str, currency: str, rate: str, limit: str, largest: str
) -> None:
    facts = reduced(
        order(
            currency=account,
            order_currency=currency,
            rate=Decimal(rate),
            limit=Limit.of(Decimal(limit)),
            open_items=Decimal(0),
        ),
        Decimal(200_000_000),
    )

    by_limit = remedies(facts, policy(STATIC), AT_ORDER, customer_id="C-1").reduction
    by_maximum = remedies(
        facts, policy({"rule": "max_document_value", "max_amount": limit}), AT_ORDER, customer_id="C-1"
    ).reduction

    assert by_limit == by_maximum == remedy("reduction", largest, currency)


def test_an_order_is_not_reduced_to_what_is_worth_nothing_in_the_accounts_currency() -> None:
    dinar: dict[str, Any] = {"order_currency": "KWD", "rate": Decimal("3.26"), "blocked": True}
    released: dict[str, Any] = {"excusable": ("account_blocked",), "excusable_up_to": Decimal("0.001")}

    assert out(order(**dinar), BLOCKED, small_value_below="0.01") == (None, None, None)
    assert out(order(**dinar, **released), BLOCKED) == (None, None, None)
    # What was delivered of the order goes on, with what is worth nothing beside it.
    assert out(order(**dinar, taken_over=Decimal("5.000")), BLOCKED) == (None, None, "5.001")


@pytest.mark.parametrize(("below", "largest"), [("100.00", "99.99"), ("99.995", "99.99"), ("99.9901", "99.99")])
def test_a_small_value_stated_finer_than_the_currency_leaves_out_all_below_it(below: str, largest: str) -> None:
    assert out(order(blocked=True), BLOCKED, small_value_below=below) == (None, None, largest)


def remedy(kind: str, amount: str, currency: str, customer_id: str | None = None) -> Remedy:
    return Remedy.model_validate({"kind": kind, "amount": amount, "currency": currency, "customer_id": customer_id})


def test_in_a_pool_the_limit_that_does_is_named() -> None:
    pool = Pool("H", "USD", Decimal(2), Limit.of(Decimal(1000)), Cover(), Decimal(900), 0)
    member = order("100.00", open_items=Decimal(0), pool=pool)
    head = order("300.00", pool=Pool("C-1", "EUR", Decimal(1), Limit.of(Decimal(1000)), Cover(), Decimal(2000), 0))

    found = remedies(member, policy(STATIC), AT_ORDER, customer_id="C-1")

    assert found.limit == remedy("limit", "1100.00", "USD", "H")
    assert found.payment == remedy("payment", "50.00", "EUR")
    assert found.reduction == remedy("reduction", "50.00", "EUR")
    assert remedies(head, policy(STATIC), AT_ORDER, customer_id="C-1").limit == remedy("limit", "2300.00", "EUR", "C-1")
    both = order("300.00", pool=pool)
    assert remedies(both, policy(STATIC), AT_ORDER, customer_id="C-1").limit is None


PLACES = {"EUR": 2, "JPY": 0, "KWD": 3}
some_days = st.integers(-5, 90).map(ago)
rates = st.sampled_from(
    ["1", "2", "0.5", "1.1", "0.3333333333", "120.5", "0.0083", "0.0000000001", "3.26", "0.005", "1000000000"]
).map(Decimal)


def amounts(currency: str, low: int = 0, high: int = 3000) -> st.SearchStrategy[Decimal]:
    """Return amounts with the decimals of their currency."""
    return st.decimals(min_value=low, max_value=high, places=PLACES[currency])


def dues(currency: str) -> st.SearchStrategy[dict[date, Due]]:
    """Return what is past due, by its day."""
    parts = st.tuples(amounts(currency), amounts(currency)).map(lambda two: Due(max(two), min(two)))
    return st.dictionaries(st.integers(1, 90).map(ago), parts, max_size=4)


def covers(currency: str) -> st.SearchStrategy[Cover]:
    """Return insured cover, with an end or without."""
    return st.builds(Cover, amounts(currency), amounts(currency), st.none() | some_days)


def limits(currency: str) -> st.SearchStrategy[Limit]:
    """Return limits of all three states, some with a temporary increase."""
    return st.builds(Limit.of, st.none() | amounts(currency), st.none() | some_days) | st.builds(
        Limit, st.just("amount"), amounts(currency, 1), st.none() | some_days, amounts(currency), some_days
    )


def pools() -> st.SearchStrategy[Pool | None]:
    """Return a pool in EUR, headed by the customer or by another."""
    ids = st.sampled_from(["C-1", "H"])
    built = st.builds(Pool, ids, st.just("EUR"), rates, limits("EUR"), covers("EUR"), amounts("EUR"), st.just(0))
    return st.none() | built


@st.composite
def cases(draw: st.DrawFn) -> tuple[CheckFacts, PolicyContent]:
    rules: list[dict[str, Any]] = draw(
        st.lists(
            st.sampled_from(
                [
                    STATIC,
                    {"rule": "dynamic_limit", "horizon_days": 20},
                    OLDEST,
                    {"rule": "oldest_open_item", "days": 5},
                    SHARE,
                    {"rule": "overdue_share", "overdue_pct": "33.3", "use_pct": "0"},
                    {"rule": "overdue_share", "overdue_pct": "0", "use_pct": "90.5"},
                    {"rule": "max_document_value", "max_amount": "1000.00"},
                    {"rule": "limit_validity"},
                    BLOCKED,
                ]
            ),
            min_size=1,
            max_size=5,
        )
    )
    content = policy(
        *rules,
        insured_cover_counts=draw(st.booleans()),
        disputed_counts_as_overdue=draw(st.booleans()),
        small_value_below=draw(st.sampled_from([None, None, "50.00"])),
    )
    account = draw(st.sampled_from(["EUR", "EUR", "JPY", "KWD"]))
    due = draw(dues(account))
    overdue = sum((one.balance for one in due.values()), Decimal(0))
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    rate = Decimal(1) if currency == account else draw(rates)
    taken = draw(st.just(Decimal(0)) | amounts(currency, high=500))
    amount = draw(amounts(currency, 1, 20000))
    own = draw(amounts(account))
    facts = order(
        currency=account,
        order_currency=currency,
        rate=rate,
        taken_over=taken,
        requested_delivery_date=draw(st.none() | some_days),
        limit=draw(limits(account)),
        limit_decided=draw(st.sampled_from([True, True, False])),
        blocked=draw(st.sampled_from([False, False, False, True])),
        open_orders=own + draw(amounts(account)),
        own_reserved=own,
        open_items=overdue + draw(amounts(account, -500, 2000)),
        unapplied=draw(amounts(account)),
        oldest_due_date=min((day for day, one in due.items() if one.balance > 0), default=None),
        dues={day: one for day, one in due.items() if one.balance > 0},
        reserved_by_delivery=draw(st.none() | st.dictionaries(some_days, amounts(account), max_size=2)),
        excusable=draw(st.sampled_from([(), ("static_limit",), ("account_blocked", "pooled_limit")])),
        excusable_up_to=draw(st.none() | amounts(currency, high=500)),
        cover=draw(covers(account)),
        pool=draw(pools()),
    )
    if facts.pool is not None and facts.pool.pool_id == "C-1":
        own_pool = replace(facts.pool, currency=account, limit=facts.limit, cover=facts.cover, rate=Decimal(1))
        facts = replace(facts, pool=own_pool)
    return reduced(facts, amount), content


@given(cases())
@settings(max_examples=200, deadline=None)
def test_what_would_release_releases_and_one_unit_less_does_not(case: tuple[CheckFacts, PolicyContent]) -> None:
    facts, content = case
    if decide(facts, content, AT_ORDER).decision == "approved":
        return
    found = remedies(facts, content, AT_ORDER, customer_id="C-1")

    def passes(changed: CheckFacts) -> bool:
        return decide(changed, content, AT_ORDER).decision == "approved"

    much = Decimal(10**13)
    if found.payment is not None:
        assert passes(paid(facts, found.payment.amount, content))
        assert not passes(paid(facts, found.payment.amount - smallest_unit(facts.currency), content))
    else:
        assert not passes(paid(facts, much, content))
    own = {"own": True, "pooled": facts.pool is not None and facts.pool.pool_id == "C-1"}
    if found.limit is not None:
        which = own if found.limit.customer_id == "C-1" else {"own": False, "pooled": True}
        assert passes(limited(facts, found.limit.amount, **which))
        less = found.limit.amount - smallest_unit(found.limit.currency)
        assert less < 0 or not passes(limited(facts, less, **which))
    elif facts.limit_decided:
        assert not passes(limited(facts, much, **own))
        assert own["pooled"] or not passes(limited(facts, much, own=False, pooled=True))
    step = smallest_unit(facts.order_currency or "")
    if found.reduction is not None:
        assert passes(reduced(facts, found.reduction.amount))
        assert not passes(reduced(facts, found.reduction.amount + step))
        assert facts.taken_over or reduced(facts, found.reduction.amount).document > 0
    else:
        # The smallest order that is worth anything.
        least = (smallest_unit(facts.currency) / 2 / facts.rate).quantize(step, ROUND_CEILING)
        assert not passes(reduced(facts, facts.taken_over + max(least, step)))
