"""Payments in another currency than what they name: valued at the stored rate, proposed, and never applied by themselves."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.matching.domain import Candidates, Method, OpenItem, Proposal, Shortfall, propose
from cashapp_service.matching.domain.exchange import exchanged
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING
from shared.money import Money, rounded
from tests.cashapp.driver import Cashapp, mt940
from tests.cashapp.matching.builders import ACME, BOLT, eur, receipt


def dollars(number: str, amount: str, customer_id: str = "C-100", currency: str = "USD") -> OpenItem:
    return OpenItem(f"{customer_id}/{number}", customer_id, number, Money(Decimal(amount), currency), date(2026, 3, 1))


def valued(amount: str, purpose: str, *items: OpenItem, rate: str = "1.25", **facts: Any) -> list[Proposal]:
    found = propose(receipt(amount, purpose, **facts), Candidates((ACME, BOLT), items), rates={"USD": Decimal(rate)})
    assert not any(one.automatic for one in found)
    return [one for one in found if one.method is Method.NAMED_EXCHANGE]


def shares(proposal: Proposal) -> list[tuple[str, str]]:
    return [(str(one.amount), str(one.receipt_amount)) for one in proposal.allocations]


def test_what_is_named_in_another_currency_is_proposed_at_the_stored_rate() -> None:
    (found,) = valued("80.00", "RE-1001", dollars("RE-1001", "100.00"))
    assert (shares(found), found.rates) == ([("100.00 USD", "80.00 EUR")], (("USD", Decimal("1.25")),))
    assert any("80.00 EUR are worth 100.00 USD at the rate 1.25" in one.detail for one in found.explanation)


def test_what_the_money_is_worth_more_or_less_is_a_difference_of_rates() -> None:
    (found,) = valued("79.00", "RE-1001", dollars("RE-1001", "100.00"))
    assert (shares(found), found.on_account) == ([("100.00 USD", "79.00 EUR")], eur("0"))


def test_what_the_rate_does_not_explain_is_short_or_over() -> None:
    (short,) = valued("40.00", "RE-1001", dollars("RE-1001", "100.00"))
    assert (shares(short), short.allocations[0].shortfall) == ([("50.00 USD", "40.00 EUR")], Shortfall.PARTIAL)
    (over,) = valued("100.00", "RE-1001", dollars("RE-1001", "100.00"))
    assert (shares(over), over.on_account) == ([("100.00 USD", "80.00 EUR")], eur("20.00"))


def test_no_exchange_is_proposed_without_a_rate_or_beside_items_in_the_same_currency() -> None:
    mixed = dollars("RE-1001", "100.00"), dollars("RE-1002", "10.00", currency="EUR")
    assert valued("90.00", "RE-1001 RE-1002", *mixed) == []
    assert propose(receipt("80.00", "RE-1001"), Candidates((ACME,), mixed[:1])) == ()
    assert valued("80.00", "RE-1001", mixed[0], customer_id="C-200") == []


def test_a_credit_memo_in_another_currency_is_left_to_a_person() -> None:
    assert valued("80.00", "RE-1001 GS-3001", dollars("RE-1001", "110.00"), dollars("GS-3001", "-10.00")) == []


amounts = st.integers(1, 2_000_000).map(lambda cents: Decimal(cents) / 100)
rates = st.integers(1, 5_000_000).map(lambda small: Decimal(small) / 10_000)


@given(amounts, st.lists(amounts, min_size=1, max_size=5), rates, st.sampled_from(["USD", "JPY", "KWD"]))
@settings(max_examples=400, print_blob=True, deadline=None)
def test_an_exchange_takes_all_of_the_receipt_and_keeps_the_limit_of_each_difference(
    paid: Decimal, balances: list[Decimal], rate: Decimal, currency: str
) -> None:
    items = [dollars(f"RE-{at}", str(rounded(one + 1, currency)), currency=currency) for at, one in enumerate(balances)]
    amount = Money(paid, "EUR")
    found = exchanged(items, amount, rate, NOTHING_WITHOUT_ASKING)
    if found is None:
        return
    taken = [one.receipt_amount for one in found.spread.allocations if one.receipt_amount]
    assert Money.total(taken, "EUR") + found.spread.on_account == amount
    assert eur("0") <= found.spread.on_account <= amount
    for item, one in zip(items, found.spread.allocations, strict=False):
        assert one.receipt_amount is not None
        assert Money.zero(currency) < one.amount <= item.balance
        worth = Money(rounded(one.receipt_amount.amount * rate, currency), currency)
        difference = worth - one.amount
        assert abs(difference.amount) <= NOTHING_WITHOUT_ASKING.exchange_limit(one.amount).amount


async def test_a_proposal_states_the_exchange_and_is_taken_as_it_is(books: Cashapp) -> None:
    item = await books.invoice("XR-1001", "90.00")
    fields = {"currency": "USD", "reference": "XR-1001", "customer_id": "C-1"}
    received = await books.receipt("101.00", **fields)
    assert received["status"] == "unapplied"
    best = (await books.get(f"/v1/receipts/{received['id']}/proposals", role="ar_specialist"))["data"][0]
    assert (best["method"], best["automatic"]) == ("named_exchange", False)
    assert best["exchange_rates"] == [{"currency": "EUR", "rate": "0.9"}]
    assert best["allocations"][0]["receipt_amount"] == "101.00"
    answer = await books.post(f"/v1/receipts/{received['id']}/applications")
    assert answer.status_code == 201, answer.text
    assert answer.json()["allocations"][0]["exchange_difference"] == "0.90"
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_without_a_stored_rate_nothing_is_exchanged_and_a_bank_file_never_is(books: Cashapp) -> None:
    await books.invoice("XR-1002", "90.00", currency="GBP")
    received = await books.receipt("101.00", currency="USD", reference="XR-1002", customer_id="C-1")
    found = (await books.get(f"/v1/receipts/{received['id']}/proposals"))["data"]
    assert {one["method"] for one in found} == {"on_account"}
    await books.invoice("XR-1003", "100.00", currency="USD")
    job = await books.imported(mt940("C90,NTRFNONREF//XR3|XR-1003", account="DE6"))
    assert job["result"]["auto_applied"] == 0
