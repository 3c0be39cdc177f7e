"""What holds for every proposal, whatever the receipt and the open items are."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.matching.domain import (
    AUTOMATIC_CONFIDENCE_MIN,
    Candidates,
    Customer,
    LearnedPayer,
    Method,
    OpenItem,
    Receipt,
    RemittanceLine,
    keys_in_text,
    keys_of_number,
    match_keys,
    propose,
)
from cashapp_service.tolerance_groups.domain import Policies
from shared.money import Money
from tests.cashapp.matching.builders import tolerating

CUSTOMERS = [Customer(f"C-{n}", (f"Customer Number {n} GmbH",), (f"ACC{n}",)) for n in range(3)]
NUMBERS = ["RE-1001", "RE-1002", "RE-10017", "1001", "10017", "2024-17", "GS-3001", "100", "7"]
WORDS = [
    *NUMBERS,
    "RE 1001",
    "1001 7",
    "und",
    "-",
    ",",
    "bis",
    "DAMAGE",
    "PRICE",
    "17.03.2024",
    "PO-77001",
    "C-1",
    "12,00",
]

cents = st.integers(1, 40).map(lambda value: Decimal(value * 25) / 100)


@st.composite
def open_items(draw: st.DrawFn) -> list[OpenItem]:
    count = draw(st.integers(0, 8))
    found = []
    for index in range(count):
        currency = draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"]))
        amount = draw(cents)
        sign = draw(st.sampled_from([1, 1, 1, -1]))
        discount = Money(amount / 100, currency) if sign > 0 and amount % 1 == 0 and draw(st.booleans()) else None
        found.append(
            OpenItem(
                item_id=f"i{index}",
                customer_id=draw(st.sampled_from(CUSTOMERS)).customer_id,
                number=draw(st.sampled_from(NUMBERS)),
                balance=Money(amount * sign, currency),
                due_date=date(2026, 1, draw(st.integers(1, 28))),
                po_number=draw(st.sampled_from([None, "PO-77001"])),
                discount=discount,
            )
        )
    return found


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    lines = draw(st.lists(st.tuples(st.sampled_from(NUMBERS), cents, st.sampled_from([1, 1, -1])), max_size=3))
    return Receipt(
        amount=Money(draw(cents), "EUR"),
        value_date=date(2026, 3, 1),
        purpose=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=6))),
        payer_account=draw(st.sampled_from([None, "ACC0", "ACC1", "XXX"])),
        payer_name=draw(st.sampled_from([None, "Customer Number 2", "Else"])),
        customer_id=draw(st.sampled_from([None, None, "C-0"])),
        remittance=tuple(RemittanceLine(number, Money(amount * sign, "EUR")) for number, amount, sign in lines),
    )


POLICIES = Policies(tolerating("0.50", "10", "1.00", "10"), {"C-1": tolerating("5", "100", "5", "100")})
LEARNED = [LearnedPayer("C-1", "XXX"), LearnedPayer("C-0", None, "Else")]


@given(receipts(), open_items())
@settings(max_examples=600, print_blob=True, deadline=None)
def test_every_proposal_comes_to_the_receipt_and_never_overpays_an_item(paid: Receipt, items: list[OpenItem]) -> None:
    by_id = {item.item_id: item for item in items}
    for proposal in propose(paid, Candidates(CUSTOMERS, items, LEARNED, POLICIES)):
        policy = POLICIES.of(proposal.customer_id)
        zero = Money.zero("EUR")
        allocated = Money.total((one.amount for one in proposal.allocations), "EUR")
        assert allocated + proposal.on_account == paid.amount
        assert zero <= proposal.on_account <= paid.amount
        assert len({one.item_id for one in proposal.allocations}) == len(proposal.allocations)
        for one in proposal.allocations:
            item = by_id[one.item_id]
            assert item.customer_id == proposal.customer_id
            assert item.balance.currency == "EUR"
            tolerance = one.tolerance or zero
            cleared = one.amount + one.discount + tolerance
            assert zero <= tolerance <= policy.item_limit(item.issued_at or item.balance)
            assert not tolerance or (cleared == item.balance and one.amount > zero)
            assert one.discount >= zero
            assert zero < cleared <= item.balance if item.balance > zero else item.balance <= cleared < zero
            assert (one.shortfall is not None) == (cleared < item.balance and item.balance > zero)
        written_off = Money.total((one.tolerance or zero for one in proposal.allocations), "EUR")
        assert written_off <= policy.receipt_limit(paid.amount)
        assert Decimal(0) < proposal.confidence < 1
        assert proposal.explanation


@given(receipts(), open_items(), st.integers())
@settings(max_examples=200, print_blob=True, deadline=None)
def test_proposals_do_not_depend_on_the_order_of_the_facts(paid: Receipt, items: list[OpenItem], seed: int) -> None:
    shuffled, customers = list(items), list(CUSTOMERS)
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(customers)
    expected = propose(paid, Candidates(CUSTOMERS, items, LEARNED))
    assert propose(paid, Candidates(customers, shuffled, LEARNED)) == expected


@given(receipts(), open_items())
@settings(max_examples=400, print_blob=True, deadline=None)
def test_only_one_proposal_is_automatic_and_only_where_documents_are_named(
    paid: Receipt, items: list[OpenItem]
) -> None:
    found = propose(paid, Candidates(CUSTOMERS, items, LEARNED, POLICIES))
    automatic = [one for one in found if one.automatic]
    assert len(automatic) <= 1
    sure = {
        Method.NAMED_EXACT,
        Method.NAMED_DISCOUNT,
        Method.NAMED_TOLERANCE,
        Method.NAMED_SHORT_PAYMENT,
        Method.REMITTANCE,
    }
    assert all(one.method in sure and one.confidence >= AUTOMATIC_CONFIDENCE_MIN for one in automatic)


@given(receipts(), open_items(), open_items())
@settings(max_examples=100, print_blob=True, deadline=None)
def test_items_put_and_removed_leave_no_trace(paid: Receipt, items: list[OpenItem], others: list[OpenItem]) -> None:
    candidates = Candidates(CUSTOMERS, others, LEARNED)
    for item in items:
        candidates.put(item)
    for item in others:
        if item.item_id not in {kept.item_id for kept in items}:
            candidates.remove(item.item_id)
    assert propose(paid, candidates) == propose(paid, Candidates(CUSTOMERS, items, LEARNED))


@given(st.text(max_size=200))
@settings(max_examples=300, print_blob=True, deadline=None)
def test_any_text_can_be_searched(text: str) -> None:
    propose(Receipt(Money(Decimal(1), "EUR"), date(2026, 3, 1), text, (text,), text, text), Candidates(CUSTOMERS))
    keys_of_number(text)


@given(receipts(), open_items())
@settings(max_examples=200, print_blob=True, deadline=None)
def test_stored_keys_find_all_that_a_receipt_names(paid: Receipt, items: list[OpenItem]) -> None:
    unknown = replace(paid, customer_id=None)
    wanted = keys_in_text(*paid.texts)
    keys = {one.item_id: match_keys(one.number, one.reference, one.po_number, one.order_id) for one in items}
    named = {item.customer_id for item in items if wanted & set(keys[item.item_id])}
    found = [item for item in items if item.customer_id in named]
    assert propose(unknown, Candidates((), found)) == propose(unknown, Candidates((), items))


def test_keys_are_few_and_those_of_every_writing() -> None:
    assert match_keys("RE-2024-00017", None, "PO-4500123") == [
        "2024.17",
        "202400017",
        "PO.4500123",
        "PO4500123",
        "RE.2024.17",
        "RE202400017",
    ]
    assert match_keys("7") == []


def test_each_of_ten_thousand_open_items_is_found_by_its_number() -> None:
    items = [
        OpenItem(f"i{n}", f"C-{n % 3}", f"RE-2026-{n:05}", Money(Decimal(n + 1), "EUR"), date(2026, 1, 1))
        for n in range(10_000)
    ]
    candidates = Candidates(CUSTOMERS, items)
    for n in range(100):
        paid = Receipt(Money(Decimal(n + 1), "EUR"), date(2026, 3, 1), f"Rechnung RE-2026-{n:05} vom 01.03.2026")
        assert propose(paid, candidates)[0].automatic
