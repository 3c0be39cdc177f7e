"""Payment terms: the text, the due date, the discount and its last day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.business_days import calendar_for
from shared.money import Money, smallest_unit
from shared.payment_terms import DiscountTier, InvalidPaymentTermsError, PaymentTerms

TWO_TEN = PaymentTerms.parse("2/10 net 30")
ISSUED = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "issued", "due"),
    [
        ("net 30", date(2026, 1, 31), date(2026, 3, 2)),
        ("NET 30 days", date(2028, 1, 31), date(2028, 3, 1)),
        ("n/30", date(2026, 3, 1), date(2026, 3, 31)),
        ("net 45 eom", date(2026, 1, 10), date(2026, 3, 17)),
        ("net 0 eom", date(2028, 2, 3), date(2028, 2, 29)),
        ("eom", date(2026, 12, 31), date(2026, 12, 31)),
        ("10 eom", date(2026, 12, 5), date(2027, 1, 10)),
        ("2/10 net 30", date(2026, 3, 1), date(2026, 3, 31)),
        ("due on receipt", date(2026, 3, 1), date(2026, 3, 1)),
        (" Due  upon receipt ", date(2026, 3, 1), date(2026, 3, 1)),
        ("immediate", date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_the_due_date_follows_the_terms(text: str, issued: date, due: date) -> None:
    assert PaymentTerms.parse(text).due_date(issued) == due


@pytest.mark.parametrize("text", ["2/10 net 30", "2/10, n/30", "2%/10 NET 30", "2.0 / 10; net 30 days"])
def test_a_discount_is_read_however_it_is_written(text: str) -> None:
    assert PaymentTerms.parse(text) == PaymentTerms(30, discounts=(DiscountTier(Decimal(2), 10),))


@pytest.mark.parametrize(
    ("paid_on", "discount"),
    [
        (date(2026, 3, 1), "2.00"),
        (date(2026, 3, 11), "2.00"),
        (date(2026, 3, 12), "0.00"),
        (date(2026, 2, 1), "2.00"),
    ],
)
def test_a_discount_is_earned_up_to_and_including_its_last_day(paid_on: date, discount: str) -> None:
    assert TWO_TEN.discount_earned(paid_on, Decimal(100), issue_date=ISSUED) == Decimal(discount)


def test_grace_days_extend_the_discount_and_no_longer() -> None:
    assert TWO_TEN.discount_earned(date(2026, 3, 14), Decimal(100), issue_date=ISSUED, grace_days=3)
    assert not TWO_TEN.discount_earned(date(2026, 3, 15), Decimal(100), issue_date=ISSUED, grace_days=3)


def test_a_later_tier_grants_less() -> None:
    terms = PaymentTerms.parse("3/10 1.5/20 net 45")
    days = [date(2026, 3, 11), date(2026, 3, 12), date(2026, 3, 21), date(2026, 3, 22)]
    found = [terms.discount_earned(day, Decimal(1000), issue_date=ISSUED) for day in days]
    assert found == [Decimal(30), Decimal(15), Decimal(15), Decimal(0)]
    assert terms.discount_date(ISSUED) == date(2026, 3, 21)


def test_a_part_earns_its_discount_to_the_last_fraction() -> None:
    assert TWO_TEN.discount_earned(ISSUED, Decimal("0.24"), issue_date=ISSUED) == Decimal("0.0048")


def test_terms_without_a_discount_have_no_discount_date() -> None:
    assert PaymentTerms.parse("net 30").discount_date(ISSUED) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("30", "cannot be read"),
        ("whenever", "cannot be read"),
        ("net thirty", "cannot be read"),
        ("net -30", "cannot be read"),
        ("net 30 net 60", "cannot be read"),
        ("2/10", "cannot be read"),
        ("net ٣٠", "cannot be read"),
        ("net 9999", "at most 730 days"),
        ("net 99999999", "cannot be read"),
        ("0/10 net 30", "0 %"),
        ("2/40 net 30", "longer than the invoice"),
        ("1/10 2/20 net 30", "lower than the one before"),
        ("2/10 1/10 net 30", "lower than the one before"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_the_remedy(text: str, why: str) -> None:
    with pytest.raises(InvalidPaymentTermsError, match=why) as refused:
        PaymentTerms.parse(text)
    assert '"2/10 net 30"' in refused.value.detail
    assert refused.value.errors[0].field == "payment_terms"


@given(
    st.integers(0, 730),
    st.booleans(),
    st.none() | st.tuples(st.integers(1, 9999).map(lambda basis: Decimal(basis) / 100), st.integers(0, 30)),
)
def test_terms_written_out_are_read_back(days: int, eom: bool, tier: tuple[Decimal, int] | None) -> None:
    discounts = (DiscountTier(*tier),) if tier and (eom or tier[1] <= days) else ()
    terms = PaymentTerms(days, eom, discounts)
    assert PaymentTerms.parse(str(terms)) == terms


@given(st.text(alphabet="net 0123456789/.%eomdueonreceipt,", max_size=30))
def test_any_text_is_terms_or_a_refusal(text: str) -> None:
    try:
        terms = PaymentTerms.parse(text)
    except InvalidPaymentTermsError:
        return
    assert terms.due_date(ISSUED) >= ISSUED


@pytest.mark.parametrize("text", ["prepayment", "Pre-payment", "prepaid", "cash in advance", "payment in advance"])
def test_prepayment_is_due_at_once_and_the_strictest_of_terms(text: str) -> None:
    terms = PaymentTerms.parse(text)

    assert (str(terms), terms.due_date(ISSUED)) == ("prepayment", ISSUED)
    assert PaymentTerms.parse("due on receipt").is_better_than(terms)
    assert not terms.is_better_than(PaymentTerms.parse("due on receipt"))


@pytest.mark.parametrize(
    ("offered", "agreed", "better"),
    [
        ("net 30", "net 30", False),
        ("net 31", "net 30", True),
        ("net 29", "net 30", False),
        ("net 30 eom", "net 44", True),
        ("net 30 eom", "net 45", False),
        ("net 45", "net 30 eom", True),
        ("2/10 net 30", "net 30", True),
        ("2/10 net 20", "net 30", True),
        ("2/10 net 30", "2/10 net 30", False),
        ("3/10 net 30", "2/10 net 30", True),
        ("2/11 net 30", "2/10 net 30", True),
        ("3/5 net 30", "2/10 net 30", True),
        ("1/10 net 30", "2/10 net 30", False),
        ("2/5 net 30", "2/10 net 30", False),
        ("3/5 2/10 net 30", "3/5 1/20 net 30", True),
        ("3/5 1/10 net 30", "3/5 1/20 net 30", False),
    ],
)
def test_terms_are_better_by_a_later_day_or_a_larger_or_longer_discount(
    offered: str, agreed: str, better: bool
) -> None:
    assert PaymentTerms.parse(offered).is_better_than(PaymentTerms.parse(agreed)) is better


THIRDS = "33.3% 10, 33.3% 20, 33.4% 30"


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("30% 10, 70% 60", [date(2026, 3, 11), date(2026, 4, 30)]),
        ("30 % due on receipt; 70 % net 45 eom", [date(2026, 3, 1), date(2026, 5, 15)]),
        ("50% 10 eom 50% 2/10 net 30", [date(2026, 4, 10), date(2026, 3, 31)]),
    ],
)
def test_each_instalment_is_due_by_its_own_terms(text: str, dues: list[date]) -> None:
    terms = PaymentTerms.parse(text)

    assert [one.terms.due_date(ISSUED) for one in terms.instalments] == dues
    assert terms.due_date(ISSUED) == max(dues)
    assert PaymentTerms.parse(str(terms)) == terms


@given(
    st.integers(1, 10**9),
    st.lists(st.integers(10, 1000), min_size=2, max_size=7),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_instalments_come_to_the_amount_and_none_is_a_unit_off_its_share(
    units: int, weights: list[int], currency: str
) -> None:
    shares = [Decimal(weight * 1000 // sum(weights)) / 10 for weight in weights[:-1]]
    shares.append(100 - sum(shares, Decimal(0)))
    amount = Money(Decimal(units) * smallest_unit(currency), currency)
    terms = PaymentTerms.parse(", ".join(f"{share}% {10 * n}" for n, share in enumerate(shares, 1)))

    parts = terms.split(amount)

    assert Money.total(parts, currency) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.amount - amount.amount * share / 100) <= smallest_unit(currency)


def test_instalments_weigh_in_what_is_better() -> None:
    agreed = PaymentTerms.parse("net 45")

    assert PaymentTerms.parse("30% 10, 70% 60").average_due_days == 45
    assert not PaymentTerms.parse("30% 10, 70% 60").is_better_than(agreed)
    assert PaymentTerms.parse("30% 10, 70% 61").is_better_than(agreed)
    assert PaymentTerms.parse("50% 2/10 net 10, 50% 60").is_better_than(agreed)
    assert PaymentTerms.parse("50% 2/10 net 10, 50% 60").discount_pct(10) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("30% 10, 60% 60", "come to 100 %"),
        ("0% 10, 100% 60", "come to 100 %"),
        ("100% 30", "two to 36"),
        ("30% 10, 70% 9999", "at most 730"),
        ("30% 10, 70% 2/40 net 30", "longer than the invoice"),
        ("30% , 70% 10", "cannot be read"),
        ("2/10 30% 10 70% 30", "cannot be read"),
        ("next business day", "cannot be read"),
        ("30 next business day", "cannot be read"),
        (", ".join(["1% 10"] * 100), "two to 36"),
        (", ".join(["5% 2/10 net 100"] * 20), "longer than 100 characters"),
    ],
)
def test_instalments_that_make_no_sense_are_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidPaymentTermsError, match=why):
        PaymentTerms.parse(text)


@pytest.mark.parametrize(
    ("move", "due"),
    [
        # Due on Saturday 2026-01-31.
        ("next business day", date(2026, 2, 2)),
        ("following", date(2026, 2, 2)),
        ("previous business day", date(2026, 1, 30)),
        ("preceding", date(2026, 1, 30)),
        ("modified next business day", date(2026, 1, 30)),
        ("modified following", date(2026, 1, 30)),
    ],
)
def test_a_due_date_on_a_weekend_moves_as_the_terms_say(move: str, due: date) -> None:
    terms = PaymentTerms.parse(f"net 30 {move}")

    assert terms.due_date(date(2026, 1, 1)) == due
    assert PaymentTerms.parse(str(terms)) == terms


def test_a_due_date_never_moves_before_the_issue() -> None:
    assert PaymentTerms.parse("due on receipt previous business day").due_date(date(2026, 1, 31)) == date(2026, 1, 31)


def test_no_holiday_moves_a_discount() -> None:
    # 2026-01-31 is a Saturday.
    assert PaymentTerms.parse("2/30 net 30 next business day").discount_date(date(2026, 1, 1)) == date(2026, 1, 31)


@settings(deadline=None)  # the first one reads the calendar
@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from(["next", "previous", "modified next"]))
def test_a_moved_due_date_is_a_business_day(issued: date, move: str) -> None:
    terms = PaymentTerms.parse(f"net 30 {move} business day in DE")
    calendar = calendar_for(terms, country=None)

    assert calendar.is_business_day(terms.due_date(issued, calendar))
