"""What invoices leave open of deliveries, and what an order still reserves: the same in whatever order documents come."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.fulfilment.domain import Delivery, Part, Taken, not_invoiced, taken
from credit_service.orders.domain import Order, settled

D = Decimal


def delivery(number: str, amount: str, currency: str = "EUR", rate: str = "1", day: int = 1) -> Delivery:
    value = D(amount) * D(rate)
    on = date(2026, 3, day)
    return Delivery("SO-1", number, "C-1", "delivered", D(amount), currency, D(rate), on, value, D(amount), value)


def order(amount: str, status: str = "approved", rate: str = "1") -> Order:
    return Order(
        order_id="SO-1",
        customer_id="C-1",
        version=1,
        status=status,  # type: ignore[arg-type]
        amount=D(amount),
        currency="EUR",
        rate=D(rate),
        open_amount=D(amount),
        reserved=D(amount),
        requested_delivery_date=None,
        checkpoint="order",
        held_reserves=False,
        decision_id="chk_1",
        hold_id=None,
        release=None,
    )


@pytest.mark.parametrize(
    ("invoiced", "delivered", "open_amount", "delivered_amount", "status"),
    [
        ("0", "0", "100", "0", "approved"),
        ("0", "40", "60", "40", "approved"),
        ("40", "0", "60", "0", "approved"),
        ("40", "40", "60", "0", "approved"),
        ("30", "40", "60", "10", "approved"),
        ("40", "30", "60", "0", "approved"),
        ("0", "100", "0", "100", "approved"),
        ("99.99", "100", "0", "0.01", "approved"),
        ("100", "100", "0", "0", "invoiced"),
        ("100", "130", "0", "30", "invoiced"),
        ("0", "130", "0", "130", "approved"),
        ("130", "100", "0", "0", "invoiced"),
    ],
)
def test_open_is_neither_delivered_nor_invoiced_and_delivered_is_not_invoiced(
    invoiced: str, delivered: str, open_amount: str, delivered_amount: str, status: str
) -> None:
    after = settled(order("100"), Taken(D(invoiced), D(delivered)), account_currency="EUR")

    assert (after.open_amount, after.delivered_amount, after.status) == (D(open_amount), D(delivered_amount), status)
    assert after.reserved == D(open_amount)


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
def test_of_an_ended_order_nothing_is_open_but_goods_that_left_stay_delivered(status: str) -> None:
    after = settled(order("100", status), Taken(D(0), D(40)), account_currency="EUR")

    assert (after.open_amount, after.reserved, after.delivered_amount) == (D(0), D(0), D(40))
    assert after.status == status


def test_a_held_orders_delivery_counts_though_its_rest_does_not() -> None:
    after = settled(order("100", "held"), Taken(D(0), D(40)), account_currency="EUR")

    assert (after.open_amount, after.reserved, after.delivered_amount) == (D(60), D(0), D(40))


def test_the_earliest_delivery_is_invoiced_first() -> None:
    deliveries = [delivery("2", "50", day=2), delivery("9", "30", day=1), delivery("3", "20", day=2)]

    after = not_invoiced(deliveries, [Part("EUR", D(60), D(60))], "EUR")

    assert {one.delivery_id: one.open_amount for one in after} == {"9": 0, "2": D(20), "3": D(20)}


def test_what_is_left_is_converted_at_the_deliverys_own_rate() -> None:
    deliveries = [delivery("1", "100", "USD", "0.9", 1), delivery("2", "100", "USD", "0.8", 2)]

    after = not_invoiced(deliveries, [Part("USD", D(150), D(120))], "EUR")

    assert [(one.open_amount, one.account_open) for one in after] == [(0, 0), (D(50), D(40))]


def test_an_invoice_in_another_currency_takes_over_by_value() -> None:
    after = not_invoiced([delivery("1", "100", "USD", "0.8")], [Part("EUR", D(40), D(40))], "EUR")

    assert [(one.open_amount, one.account_open) for one in after] == [(D(50), D(40))]


def test_an_invoice_without_a_rate_takes_over_what_was_delivered_in_its_own_currency() -> None:
    deliveries = [delivery("1", "100", "USD", "0.8"), delivery("2", "10", "EUR")]

    after = not_invoiced(deliveries, [Part("USD", D(150), D(0))], "EUR")

    assert [one.open_amount for one in after] == [0, D(10)]


def test_documents_in_another_currency_are_counted_in_the_orders_at_the_stored_rates() -> None:
    parts = [Part("EUR", D(40), D(40)), Part("USD", D(10), D(8))]

    assert taken(parts, [], currency="USD", rate=D("0.8")) == Taken(D(60), D(0))


euros = st.integers(1, 10_000).map(lambda cents: D(cents) / 100)
some_deliveries = st.lists(
    st.tuples(euros, st.sampled_from([("EUR", "1"), ("USD", "0.9137"), ("JPY", "0.0061")]), st.integers(1, 9)),
    max_size=5,
).map(
    lambda drawn: [
        delivery(str(number), str(int(amount * 100) if currency == "JPY" else amount), currency, rate, day)
        for number, (amount, (currency, rate), day) in enumerate(drawn)
    ]
)
some_invoices = st.dictionaries(st.sampled_from(["EUR", "USD", "JPY"]), euros, max_size=3).map(
    lambda drawn: [
        Part(currency, amount, (amount * D("0.93")).quantize(D("0.01"))) for currency, amount in drawn.items()
    ]
)


@given(some_deliveries, some_invoices)
def test_what_is_not_invoiced_never_leaves_its_bounds_and_does_not_depend_on_the_order(
    deliveries: list[Delivery], invoices: list[Part]
) -> None:
    after = {one.delivery_id: one for one in not_invoiced(deliveries, invoices, "EUR")}

    assert all(0 <= one.open_amount <= one.amount and one.account_open >= 0 for one in after.values())
    for shuffled in itertools.islice(itertools.permutations(deliveries), 6):
        again = not_invoiced(shuffled, invoices[::-1], "EUR")
        assert {one.delivery_id: one for one in again} == after


@given(some_deliveries, euros)
def test_in_one_currency_what_is_left_is_what_was_delivered_less_what_was_invoiced(
    deliveries: list[Delivery], invoiced: Decimal
) -> None:
    own = [one for one in deliveries if one.currency == "EUR"]

    after = not_invoiced(own, [Part("EUR", invoiced, invoiced)], "EUR")

    delivered = sum((one.amount for one in own), D(0))
    assert sum((one.open_amount for one in after), D(0)) == max(delivered - invoiced, D(0))
