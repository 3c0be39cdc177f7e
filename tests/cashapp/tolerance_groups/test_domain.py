"""How much may be written off: the smaller always counts."""

from decimal import Decimal

import pytest

from cashapp_service.tolerance_groups.domain import Limits, Policy, Tolerance, ToleranceGroup, policy_under
from shared.money import Money

WIDE = Limits(Tolerance(Decimal(10), Decimal(2)), Tolerance(Decimal(30), Decimal(2)))
NARROW = Limits(Tolerance(Decimal(4), Decimal(1)), Tolerance(Decimal(8), Decimal(1)))
BASE = Policy(users=(WIDE,), discount_grace_days=3)


def group(**values: object) -> ToleranceGroup:
    usual: dict[str, object] = {"group_id": "G", "kind": "user", "item_pct": Decimal(1), "receipt_pct": Decimal(1)}
    return ToleranceGroup(**(usual | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "limit"),
    [("1000.00", "10.00"), ("400.00", "8.00"), ("0.49", "0.00"), ("-400.00", "8.00"), ("33.33", "0.66")],
    ids=["amount", "per cent", "nothing of a cent", "of a credit memo", "cut off, not rounded"],
)
def test_of_amount_and_per_cent_the_smaller_counts(amount: str, limit: str) -> None:
    assert BASE.item_limit(Money(Decimal(amount), "EUR")) == Money(Decimal(limit), "EUR")


def test_the_customers_group_narrows_the_users_and_never_widens_them() -> None:
    of = Money(Decimal(1000), "EUR")

    assert Policy(users=(WIDE,), customer=NARROW).item_limit(of).amount == 4
    assert Policy(users=(NARROW,), customer=WIDE).item_limit(of).amount == 4
    assert Policy(users=(WIDE,), customer=NARROW).receipt_limit(of).amount == 8


def test_of_several_groups_of_a_user_the_widest_counts() -> None:
    assert Policy(users=(NARROW, WIDE)).item_limit(Money(Decimal(1000), "EUR")).amount == 10


def test_in_a_currency_that_a_group_does_not_name_nothing_is_written_off() -> None:
    limits = group(amounts={"EUR": (Decimal(5), Decimal(20))}).limits

    assert limits.per_item.limit(Money(Decimal(1000), "EUR")).amount == 5
    assert limits.per_item.limit(Money(Decimal(1000), "USD")).amount == 0


def test_a_user_in_no_group_has_the_companys_tolerance() -> None:
    assert policy_under(BASE, (), None) == BASE


@pytest.mark.parametrize(
    ("users", "customers", "days"), [(None, None, 3), (5, None, 5), (5, 1, 1), (None, 0, 0)], ids=str
)
def test_the_grace_of_a_discount_is_the_customers_then_the_users_then_the_companys(
    users: int | None, customers: int | None, days: int
) -> None:
    found = policy_under(BASE, (group(discount_grace_days=users),), group(discount_grace_days=customers))

    assert found.discount_grace_days == days
