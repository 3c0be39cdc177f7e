"""Who pays for others: parents for those below them, third parties; across customers only what is named exactly is taken."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.matching.domain import (
    Candidates,
    Customer,
    KnownPayer,
    Method,
    OpenItem,
    Proposal,
    Receipt,
    RemittanceLine,
    propose,
)
from cashapp_service.tolerance_groups.domain import Policies
from tests.cashapp.matching.builders import NOTHING, against, eur, item, receipt, taken, tolerating
from tests.cashapp.matching.test_conservation import CUSTOMERS, LEARNED, POLICIES, open_items, receipts

HEAD = Customer("G-1", ("Gruppe Holding AG",), ("ACC-G",))
NORTH = Customer("G-10", ("Werk Nord GmbH",), parent_id="G-1")
SOUTH = Customer("G-11", ("Werk Sued GmbH",), parent_id="G-10")
ALIEN = Customer("X-9", ("Fremd GmbH",))
ALL = (HEAD, NORTH, SOUTH, ALIEN)
UNION = KnownPayer("ZR-NORD", frozenset({"G-10", "X-9"}), account="ACC-ZR", name="Zentralregulierung Nord eG")


def matched(
    paid: Receipt, *items: OpenItem, payers: tuple[KnownPayer, ...] = (UNION,), policies: Policies = NOTHING
) -> tuple[Proposal, ...]:
    candidates = Candidates(ALL, items, policies=policies)
    candidates.know_payers(payers)
    return propose(paid, candidates)


OURS = item("RE-1001", "60.00", customer=NORTH), item("RE-2002", "40.00", customer=SOUTH)
THEIRS = item("RE-1001", "60.00", customer=NORTH), item("FR-3003", "40.00", customer=ALIEN)


def test_a_parent_pays_what_it_names_of_those_below_it_at_any_depth() -> None:
    found = matched(receipt("100.00", "RE-1001 RE-2002", payer_account="ACC-G"), *OURS)[0]
    assert (found.customer_id, found.automatic) == ("G-1", True)
    assert taken(found) == {"RE-1001": "60.00", "RE-2002": "40.00"}


def test_a_third_party_pays_what_it_names_and_the_receipt_is_of_the_oldest_items_customer() -> None:
    found = matched(receipt("100.00", "RE-1001 FR-3003", payer_account="ACC-ZR"), *THEIRS)[0]
    assert (found.customer_id, found.automatic) == ("X-9", True)
    assert taken(found) == {"RE-1001": "60.00", "FR-3003": "40.00"}


def test_a_third_party_is_told_by_its_name_letter_by_letter() -> None:
    assert matched(receipt("100.00", "RE-1001 FR-3003", payer_name=UNION.name), *THEIRS)[0].automatic
    assert not any(
        one.automatic for one in matched(receipt("100.00", "RE-1001 FR-3003", payer_name="ZENTRALREG. NORD"), *THEIRS)
    )


def test_an_unknown_payer_pays_for_no_two_customers() -> None:
    assert not any(one.automatic for one in matched(receipt("100.00", "RE-1001 RE-2002"), *OURS))


def test_a_parent_does_not_pay_for_customers_outside_its_group() -> None:
    found = matched(receipt("40.00", "FR-3003", payer_account="ACC-G"), *THEIRS)
    assert not any(one.automatic for one in found)
    assert "G-1" in against(found[0])


def test_a_third_party_speaks_against_customers_that_it_does_not_pay_for() -> None:
    found = matched(receipt("40.00", "RE-2002", payer_account="ACC-ZR"), *OURS)
    assert not any(one.automatic for one in found)
    assert "ZR-NORD" in against(found[0])


def test_one_that_pays_for_nobody_any_more_speaks_for_nobody() -> None:
    ended = replace(UNION, pays_for=frozenset())
    found = matched(receipt("100.00", "RE-1001 FR-3003", payer_account="ACC-ZR"), *THEIRS, payers=(ended,))
    assert not any(one.automatic for one in found)


@pytest.mark.parametrize(
    ("amount", "purpose", "why"),
    [
        ("99.00", "RE-1001 RE-2002", "whose is not paid in full"),
        ("101.00", "RE-1001 RE-2002", "more was paid"),
        ("100.00", "RE-1001, FR-3003 RE-2002", "FR-3003"),
        ("60.00", "RE-1001 RE-2002", "named too and left out"),
    ],
)
def test_across_customers_only_what_is_named_and_paid_exactly_is_taken_by_itself(
    amount: str, purpose: str, why: str
) -> None:
    wide = Policies(tolerating("5", "100", "5", "100"))
    found = matched(receipt(amount, purpose, payer_account="ACC-G"), *OURS, THEIRS[1], policies=wide)
    assert not any(one.automatic for one in found)
    assert why in against(found[0])


def test_what_is_named_without_its_letters_is_not_taken_across_customers() -> None:
    items = item("RE-100100", "60.00", customer=NORTH), item("RE-200200", "40.00", customer=SOUTH)
    found = matched(receipt("100.00", "100100 200200", payer_account="ACC-G"), *items)[0]
    assert (len(found.allocations), found.automatic) == (2, False)
    assert "not named exactly" in against(found)


def test_for_one_customer_a_parent_may_be_short_within_the_tolerance() -> None:
    usual = Policies(tolerating("5", "1", "5", "2"))
    assert matched(receipt("59.50", "RE-1001", payer_account="ACC-G"), *OURS, policies=usual)[0].automatic


def test_who_names_nothing_is_proposed_the_item_of_that_amount_with_doubt() -> None:
    found = matched(receipt("40.00", payer_account="ACC-G"), *OURS)
    fitting = next(one for one in found if one.method is Method.AMOUNT_EXACT)
    assert (fitting.customer_id, taken(fitting)) == ("G-1", {"RE-2002": "40.00"})
    assert "for which customer" in against(fitting)
    assert not fitting.automatic


def test_a_customer_known_by_the_same_account_pays_for_itself() -> None:
    shared = tuple(replace(one, bank_accounts=("ACC-G",)) for one in (HEAD, NORTH, SOUTH))
    candidates = Candidates(shared, OURS)
    found = propose(receipt("60.00", "RE-1001", payer_account="ACC-G"), candidates)[0]
    assert (found.customer_id, found.automatic) == ("G-10", True)


def test_where_two_may_as_well_have_paid_neither_is_taken() -> None:
    twin = Customer("H-1", ("Zweite Holding AG",), ("ACC-G",))
    candidates = Candidates((*ALL, twin), OURS)
    candidates.know_payers([KnownPayer("H-1", frozenset({"G-10", "G-11"}))])
    found = propose(receipt("100.00", "RE-1001 RE-2002", payer_account="ACC-G"), candidates)
    assert {one.customer_id for one in found[:2]} == {"G-1", "H-1"}
    assert not any(one.automatic for one in found)
    assert "may as well have paid" in against(found[0])


def test_a_remittance_across_customers_is_taken_at_its_word() -> None:
    lines = RemittanceLine("RE-1001", eur("60.00")), RemittanceLine("RE-2002", eur("40.00"))
    found = matched(receipt("100.00", payer_account="ACC-G", remittance=lines), *OURS)[0]
    assert (found.customer_id, found.method, found.automatic) == ("G-1", Method.REMITTANCE, True)
    given_ = matched(receipt("100.00", customer_id="G-1", remittance=lines), *OURS)[0]
    assert (given_.customer_id, given_.automatic) == ("G-1", True)
    assert not any(one.automatic for one in matched(receipt("100.00", remittance=lines), *OURS))


def test_a_number_that_two_below_the_same_parent_have_is_left_to_a_person() -> None:
    twins = item("RE-1001", "60.00", customer=NORTH), item("RE-1001", "60.00", customer=SOUTH)
    lines = (RemittanceLine("RE-1001", eur("60.00")),)
    for paid in (
        receipt("60.00", "RE-1001", payer_account="ACC-G"),
        receipt("60.00", payer_account="ACC-G", remittance=lines),
    ):
        found = matched(paid, *twins)
        assert found
        assert not any(one.automatic for one in found)


payers_known = st.lists(
    st.builds(
        KnownPayer,
        payer_id=st.sampled_from(["C-0", "C-1", "ZR-1"]),
        pays_for=st.frozensets(st.sampled_from(["C-0", "C-1", "C-2"]), max_size=3),
        account=st.sampled_from([None, "XXX", "ACC1"]),
        name=st.sampled_from([None, "Else"]),
    ),
    max_size=2,
)
families = st.lists(st.sampled_from([None, "C-0", "C-1", "C-2"]), min_size=3, max_size=3)


@given(receipts(), open_items(), payers_known, families)
@settings(max_examples=200, print_blob=True, deadline=None)
def test_a_payer_pays_only_for_whom_it_is_known_to_and_at_most_one_way_is_sure(
    paid: Receipt, items: list[OpenItem], payers: list[KnownPayer], parents: list[str | None]
) -> None:
    customers = [replace(one, parent_id=parent) for one, parent in zip(CUSTOMERS, parents, strict=True)]
    candidates = Candidates(customers, items, LEARNED, POLICIES)
    candidates.know_payers(payers)
    by_id = {one.item_id: one for one in items}
    found = propose(paid, candidates)
    assert len([one for one in found if one.automatic]) <= 1
    for proposal in found:
        assert eur("0") <= proposal.on_account <= paid.amount
        owners = {by_id[one.item_id].customer_id for one in proposal.allocations}
        mine = replace(paid, customer_id=proposal.customer_id)
        groups = candidates.groups(mine, candidates.payers(mine, ()))
        assert owners <= {proposal.customer_id, *(member for group in groups for member in group.members)}
