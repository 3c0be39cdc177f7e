"""What is written off where a little less is paid than is named: within every limit, and only where it is sure."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.matching.domain import Allocation, Customer, Method, Proposal, RemittanceLine, Shortfall
from cashapp_service.matching.domain.facts import OpenItem
from cashapp_service.matching.domain.tolerance import allowance, within_tolerance
from cashapp_service.tolerance_groups.domain import Policies, Policy
from shared.money import Money, rounded
from tests.cashapp.matching.builders import ACME, BOLT, against, best, eur, item, receipt, tolerating

USUAL = tolerating("5", "1", "20", "1")
POLICIES = Policies(USUAL, {"C-200": tolerating("1", "1", "1", "1")})


def written_off(found: Proposal) -> dict[str, str]:
    return {one.item_id.partition("/")[2]: str(one.tolerance.amount) for one in found.allocations if one.tolerance}


def test_a_named_invoice_that_is_short_within_the_tolerance_is_cleared_by_itself() -> None:
    found = best(receipt("995.00", "RE-1001"), item("RE-1001", "1000.00"), policies=POLICIES)
    assert (found.method, found.automatic, written_off(found)) == (Method.NAMED_TOLERANCE, True, {"RE-1001": "5.00"})
    assert (found.allocations[0].shortfall, found.on_account) == (None, eur("0"))


def test_a_cent_over_the_tolerance_is_a_short_payment() -> None:
    found = best(receipt("994.99", "RE-1001"), item("RE-1001", "1000.00"), policies=POLICIES)
    assert (found.method, found.automatic, written_off(found)) == (Method.NAMED_PARTIAL, False, {})
    assert found.allocations[0].shortfall is Shortfall.PARTIAL


def test_the_stricter_limit_of_the_customer_counts() -> None:
    theirs = item("RE-1001", "1000.00", customer=BOLT)
    assert best(receipt("999.00", "RE-1001"), theirs, policies=POLICIES).automatic
    assert not best(receipt("998.99", "RE-1001"), theirs, policies=POLICIES).automatic


def test_the_per_cent_is_of_the_amount_the_item_was_issued_at() -> None:
    rest = item("RE-1001", "100.00", issued_at=eur("1000.00"))
    assert written_off(best(receipt("99.50", "RE-1001"), rest, policies=POLICIES)) == {"RE-1001": "0.50"}
    # Per cent of the receipt: 0.99 on 99.00.
    assert best(receipt("99.00", "RE-1001"), rest, policies=POLICIES).method is Method.NAMED_PARTIAL


def test_what_was_written_off_before_with_the_receipt_counts() -> None:
    paid = receipt("499.00", "RE-1001", received=eur("1000.00"), written_off=eur("9.01"))
    assert best(paid, item("RE-1001", "500.00"), policies=POLICIES).method is Method.NAMED_PARTIAL


def test_several_items_share_what_no_one_of_them_may_lose() -> None:
    found = best(
        receipt("1193.00", "RE-1001 RE-1002"),
        item("RE-1001", "500.00"),
        item("RE-1002", "700.00"),
        policies=POLICIES,
    )
    assert written_off(found) == {"RE-1001": "5.00", "RE-1002": "2.00"}
    assert found.automatic


def test_what_is_paid_too_much_is_not_written_off() -> None:
    found = best(receipt("1000.50", "RE-1001"), item("RE-1001", "1000.00"), policies=POLICIES)
    assert (found.method, found.on_account, found.automatic) == (Method.NAMED_OVERPAYMENT, eur("0.50"), False)


def test_within_the_tolerance_a_reason_opens_no_dispute() -> None:
    found = best(receipt("998.00", "RE-1001 DAMAGE"), item("RE-1001", "1000.00"), policies=POLICIES)
    assert (found.method, written_off(found)) == (Method.NAMED_TOLERANCE, {"RE-1001": "2.00"})


def test_a_credit_memo_that_fits_is_looked_at_before_anything_is_written_off() -> None:
    found = best(receipt("998.00", "RE-1001"), item("RE-1001", "1000.00"), item("GS-3001", "-2.00"), policies=POLICIES)
    assert (found.method, found.automatic) == (Method.NAMED_CREDIT, False)


def test_a_list_that_only_nearly_fits_is_not_applied_by_itself() -> None:
    items = [item(f"RE-{value}", "1000.00") for value in range(1001, 1004)]
    found = best(receipt("2999.00", "RE-1001, 1002, 1003"), *items, policies=POLICIES)
    assert (found.method, found.automatic) == (Method.NAMED_TOLERANCE, False)
    assert "only by a list" in against(found)


def test_a_number_that_two_customers_have_is_not_written_off_by_itself() -> None:
    twins = item("RE-1001", "1000.00"), item("RE-1001", "1000.00", customer=BOLT)
    assert not best(receipt("999.00", "RE-1001"), *twins, policies=POLICIES).automatic


def test_a_remittance_line_within_the_tolerance_is_written_off_and_one_beyond_is_short() -> None:
    lines = RemittanceLine("RE-1001", eur("997.00")), RemittanceLine("RE-1002", eur("900.00"), reason_code="price")
    found = best(
        receipt("1897.00", remittance=lines),
        item("RE-1001", "1000.00"),
        item("RE-1002", "1000.00"),
        policies=POLICIES,
    )
    assert written_off(found) == {"RE-1001": "3.00"}
    assert [one.shortfall for one in found.allocations] == [None, Shortfall.DISPUTE]
    assert found.automatic


def test_charges_that_a_bank_kept_of_a_remittance_are_written_off() -> None:
    lines = RemittanceLine("RE-1001", eur("600.00")), RemittanceLine("RE-1002", eur("400.00"))
    items = item("RE-1001", "600.00"), item("RE-1002", "400.00")
    found = best(receipt("996.00", remittance=lines), *items, policies=POLICIES)
    assert (found.automatic, written_off(found)) == (True, {"RE-1001": "4.00"})
    assert not best(receipt("980.00", remittance=lines), *items, policies=POLICIES).automatic


def test_what_a_discount_shrinks_by_counts_against_the_limit_of_the_receipt() -> None:
    items = [item(f"RE-{at}", "1000.00", discount=eur("20.00")) for at in (1001, 1002)]
    wide = Policies(tolerating("100", "100", "10", "100"))
    assert best(receipt("1950.50", "RE-1001 RE-1002"), *items, policies=wide).method is Method.NAMED_TOLERANCE
    assert best(receipt("1950.00", "RE-1001 RE-1002"), *items, policies=wide).method is Method.NAMED_PARTIAL


def test_an_unearned_discount_is_a_shortfall_however_small() -> None:
    lines = (RemittanceLine("RE-1001", eur("998.00"), discount=eur("2.00")),)
    found = best(receipt("998.00", remittance=lines), item("RE-1001", "1000.00"), policies=POLICIES)
    assert (found.automatic, found.allocations[0].reason_code) == (False, "unearned_discount")


amounts = st.integers(100, 500_000).map(lambda cents: Decimal(cents) / 100)
per_cents = st.integers(0, 400).map(lambda hundredths: Decimal(hundredths) / 100)


@given(
    st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=6),
    st.integers(1, 3_000),
    st.tuples(amounts, per_cents, amounts, per_cents),
    per_cents,
)
@settings(max_examples=400, print_blob=True, deadline=None)
def test_what_is_written_off_keeps_every_limit_and_the_discount_is_earned(
    balances: list[tuple[Decimal, bool]],
    missing: int,
    limits: tuple[Decimal, Decimal, Decimal, Decimal],
    discount_pct: Decimal,
) -> None:
    policy = tolerating(*map(str, limits))
    items = [
        _discounted(f"RE-{at}", balance, discount_pct if off else Decimal(0))
        for at, (balance, off) in enumerate(balances)
    ]
    amount = Money.total((one.net for one in items), "EUR") - eur(str(Decimal(missing) / 100))
    if amount <= eur("0"):
        return
    spread = within_tolerance(items, amount, allowance(receipt(str(amount.amount)), policy))
    if spread is None:
        return
    assert Money.total((one.amount for one in spread.allocations), "EUR") == amount
    _keeps_limits(items, spread.allocations, policy, amount)
    for one, found in zip(items, spread.allocations, strict=True):
        cleared = found.amount + found.discount
        assert cleared + (found.tolerance or eur("0")) == one.balance
        earned = eur(str(rounded(cleared.amount * (discount_pct if one.discount else 0) / 100, "EUR")))
        assert found.discount <= earned


def _discounted(number: str, balance: Decimal, pct: Decimal) -> OpenItem:
    discount = Money((balance * pct / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP"), "EUR")
    return item(number, str(balance), discount=discount if discount else None)


def _keeps_limits(items: list[OpenItem], allocations: tuple[Allocation, ...], policy: Policy, amount: Money) -> None:
    zero = eur("0")
    taken = [one.tolerance or zero for one in allocations]
    assert all(off <= policy.item_limit(one.balance) for one, off in zip(items, taken, strict=True))
    assert Money.total(taken, "EUR") <= policy.receipt_limit(amount)


@pytest.mark.parametrize("customer", [ACME, BOLT], ids=["without a group", "in a group"])
def test_without_a_tolerance_nothing_is_written_off(customer: Customer) -> None:
    found = best(receipt("99.99", "RE-1001"), item("RE-1001", "100.00", customer=customer))
    assert found.method is Method.NAMED_PARTIAL
