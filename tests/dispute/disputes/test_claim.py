from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispute_service.disputes.domain.claim import Claim, granted_per_item, left_to_dispute, share_balance
from shared.money import Money

cents = st.integers(min_value=0, max_value=10_000).map(lambda value: eur(Decimal(value) / 100))
signed_cents = st.integers(min_value=-10_000, max_value=10_000).map(lambda value: eur(Decimal(value) / 100))


def eur(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "EUR")


def claim(
    original: str = "50.00", *, credited: str = "0", denied: str = "0", paid: str = "0", over: bool = False
) -> Claim:
    return Claim(eur(original), eur(credited), eur(denied), eur(paid), over)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    original = draw(cents.filter(bool))
    denied = draw(st.sampled_from([eur("0"), eur("0.01"), original]).filter(lambda amount: amount <= original))
    return Claim(original, draw(signed_cents), denied, draw(cents), draw(st.booleans()))


@given(balance=signed_cents, several=st.lists(claims(), min_size=1, max_size=4))
def test_nothing_of_a_claim_is_lost_and_no_more_is_disputed_than_is_open(
    balance: Money, several: Sequence[Claim]
) -> None:
    shares = share_balance(balance, several)

    for one, share in zip(several, shares, strict=True):
        assert one.original == share.disputed + share.credited + share.paid + share.denied
        assert min(share.disputed, share.credited, share.paid, share.denied) >= eur("0")
    assert Money.total((share.disputed for share in shares), "EUR") <= max(balance, eur("0"))


@pytest.mark.parametrize(
    ("balance", "disputed", "paid"),
    [("100.00", "50.00", "0.00"), ("50.00", "50.00", "0.00"), ("49.99", "49.99", "0.01"), ("0.00", "0.00", "50.00")],
)
def test_a_payment_takes_the_undisputed_part_first(balance: str, disputed: str, paid: str) -> None:
    (share,) = share_balance(eur(balance), [claim("50.00")])

    assert (share.disputed, share.paid) == (eur(disputed), eur(paid))


def test_a_payment_takes_from_the_last_claim_first() -> None:
    first, last = share_balance(eur("60.00"), [claim("50.00"), claim("30.00")])

    assert (first.disputed, last.disputed) == (eur("50.00"), eur("10.00"))


def test_a_credit_is_not_taken_for_a_payment() -> None:
    (share,) = share_balance(eur("30.00"), [claim("50.00", credited="20.00")])

    assert (share.disputed, share.credited, share.paid) == (eur("30.00"), eur("20.00"), eur("0.00"))


def test_what_was_denied_is_not_disputed_again_when_a_payment_is_reversed() -> None:
    (share,) = share_balance(eur("100.00"), [claim("50.00", denied="20.00", credited="30.00")])

    assert share.disputed == eur("0.00")


def test_a_case_that_is_over_disputes_nothing_whatever_the_balance() -> None:
    (share,) = share_balance(eur("100.00"), [claim("50.00", paid="10.00", over=True)])

    assert (share.disputed, share.paid, share.denied) == (eur("0.00"), eur("10.00"), eur("40.00"))


def test_only_what_nobody_disputes_is_left_to_dispute() -> None:
    assert left_to_dispute(eur("100.00"), [claim("50.00"), claim("20.00", over=True)]) == eur("50.00")
    assert left_to_dispute(eur("-100.00"), []) == eur("0.00")


def test_what_was_granted_goes_to_the_first_items_first() -> None:
    assert granted_per_item(eur("60.00"), [eur("50.00"), eur("30.00")]) == [eur("50.00"), eur("10.00")]
