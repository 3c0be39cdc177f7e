"""Money in one currency that pays items in another: both sides keep their own, the difference is gained or lost."""

from decimal import Decimal
from typing import Any

import pytest

from shared.events.cashapp import ItemEvent, PaymentApplied
from tests.cashapp.driver import Cashapp, takes

IN_EUR = [{"currency": "EUR", "rate": "0.92"}]


async def dollars(books: Cashapp, amount: str = "1000.00", **fields: Any) -> dict[str, Any]:
    return await books.receipt(amount, currency="USD", customer_id="C-1", **fields)


async def refused_item(books: Cashapp) -> dict[str, Any]:
    """Return the one item of which nothing is ever taken."""
    found = (await books.get("/v1/items", number="FX-REFUSED"))["data"]
    return dict(found[0]) if found else await books.invoice("FX-REFUSED", "1000.00")


async def lines_of(books: Cashapp, application_id: str) -> dict[tuple[str, str], Decimal]:
    """Return what an application's entries come to, by currency and account; each entry must balance by itself."""
    found: dict[tuple[str, str], Decimal] = {}
    application = await books.get(f"/v1/applications/{application_id}")
    entries = (await books.get("/v1/ledger/entries", receipt_id=application["receipt_id"]))["data"]
    for item in application["allocations"]:
        entries += (await books.get("/v1/ledger/entries", item_id=item["item_id"]))["data"]
    for entry in {one["id"]: one for one in entries if one["application_id"] == application_id}.values():
        amounts = [Decimal(line["debit"]) - Decimal(line["credit"]) for line in entry["lines"]]
        assert sum(amounts) == 0
        for line, amount in zip(entry["lines"], amounts, strict=True):
            key = entry["currency"], line["account"]
            found[key] = found.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


async def test_money_worth_more_than_what_it_pays_is_a_gain(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-GAIN", "900.00"), await dollars(books)

    answer = await books.apply(receipt, takes(item, "900.00", receipt_amount="1000.00"), exchange_rates=IN_EUR)

    assert answer.status_code == 201, answer.text
    (taken,) = answer.json()["allocations"]
    assert (taken["amount"], taken["currency"], taken["receipt_amount"]) == ("900.00", "EUR", "1000.00")
    assert (taken["exchange_rate"], taken["exchange_difference"]) == ("0.92", "20.00")
    assert await lines_of(books, answer.json()["id"]) == {
        ("USD", "unapplied_cash"): Decimal("1000.00"),
        ("USD", "exchange_clearing"): Decimal("-1000.00"),
        ("EUR", "exchange_clearing"): Decimal("920.00"),
        ("EUR", "receivables"): Decimal("-900.00"),
        ("EUR", "exchange_gain"): Decimal("-20.00"),
    }


async def test_money_worth_less_than_what_it_pays_is_a_loss(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-LOSS", "950.00"), await dollars(books)

    answer = await books.apply(receipt, takes(item, "950.00", receipt_amount="1000.00"), exchange_rates=IN_EUR)

    assert answer.json()["allocations"][0]["exchange_difference"] == "-30.00"
    lines = await lines_of(books, answer.json()["id"])
    assert lines["EUR", "exchange_loss"] == Decimal("30.00")
    assert lines["EUR", "receivables"] == Decimal("-950.00")
    assert ("EUR", "exchange_gain") not in lines


async def test_each_side_keeps_its_own_currency(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-OWN", "460.00"), await dollars(books)

    answer = await books.apply(receipt, takes(item, "460.00"), exchange_rates=IN_EUR)

    now = answer.json()["receipt"]
    assert (now["applied"], now["unapplied"], now["currency"]) == ("500.00", "500.00", "USD")
    assert (await books.item(item["id"]))["status"] == "cleared"
    (shown,) = (await books.receipt_now(receipt))["applications"]
    assert (shown["amount"], shown["currency"]) == ("460.00", "EUR")


async def test_without_a_stated_amount_only_the_rounding_is_a_difference(books: Cashapp) -> None:
    item = await books.invoice("FX-ROUND", "10.00")
    yen = await books.receipt("5000", currency="JPY", customer_id="C-1")

    answer = await books.apply(yen, takes(item, "10.00"), exchange_rates=[{"currency": "EUR", "rate": "0.0061"}])

    (taken,) = answer.json()["allocations"]
    assert (taken["receipt_amount"], taken["exchange_difference"]) == ("1639", "0.00")


async def test_items_in_both_currencies_are_paid_by_one_receipt(books: Cashapp) -> None:
    euros, own = await books.invoice("FX-BOTH-1", "92.00"), await books.invoice("FX-BOTH-2", "50.00", currency="USD")
    memo = await books.invoice("FX-BOTH-3", "46.00", kind="credit_memo")
    receipt = await dollars(books, "100.00")

    answer = await books.apply(
        receipt, takes(euros, "92.00"), takes(own, "50.00"), takes(memo, "-46.00"), exchange_rates=IN_EUR
    )

    assert answer.status_code == 201, answer.text
    taken = [(one["amount"], one["credit"], one["receipt_amount"]) for one in answer.json()["allocations"]]
    assert taken == [("46.00", "46.00", "50.00"), ("50.00", "0.00", "50.00"), ("0.00", "-46.00", "0.00")]
    assert answer.json()["receipt"]["status"] == "applied"


async def test_a_memo_in_another_currency_never_pays_an_invoice_by_itself(books: Cashapp) -> None:
    own = await books.invoice("FX-MEMO-1", "50.00", currency="USD")
    memo = await books.invoice("FX-MEMO-2", "46.00", kind="credit_memo")

    answer = await books.apply(
        await dollars(books, "100.00"), takes(own, "50.00"), takes(memo, "-46.00"), exchange_rates=IN_EUR
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_applied")


async def test_discount_tolerance_and_residual_are_in_the_items_currency(books: Cashapp) -> None:
    item = await books.invoice("FX-RESIDUAL", "1000.00", payment_terms="2/20 net 30")
    short = {"discount": "10.00", "shortfall": "residual", "reason_code": "price"}

    answer = await books.apply(await dollars(books), takes(item, "490.00", **short), exchange_rates=IN_EUR)

    assert answer.status_code == 201, answer.text
    residual = await books.item(answer.json()["allocations"][0]["residual_item_id"])
    assert (residual["amount"], residual["currency"]) == ("500.00", "EUR")


async def test_a_reversal_takes_the_exchange_back_to_the_cent(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-BACK", "900.00"), await dollars(books)
    made = await books.apply(receipt, takes(item, "900.00", receipt_amount="1000.00"), exchange_rates=IN_EUR)

    answer = await books.post(f"/v1/applications/{made.json()['id']}/reverse")

    assert answer.status_code == 200, answer.text
    assert answer.json()["receipt"]["unapplied"] == "1000.00"
    assert (await books.item(item["id"]))["balance"] == "900.00"
    assert await lines_of(books, made.json()["id"]) == {}


async def test_a_returned_payment_takes_the_exchange_back(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-NSF", "900.00"), await dollars(books)
    made = await books.apply(receipt, takes(item, "900.00", receipt_amount="1000.00"), exchange_rates=IN_EUR)

    answer = await books.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-02"})

    assert answer.status_code == 201, answer.text
    assert (await books.item(item["id"]))["balance"] == "900.00"
    assert await lines_of(books, made.json()["id"]) == {}


async def test_the_payment_is_told_with_both_amounts_and_the_item_with_its_own(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-TOLD", "92.00"), await dollars(books)

    await books.apply(receipt, takes(item, "92.00"), exchange_rates=IN_EUR)

    events = await books.events("payment.applied", "item.cleared")
    (paid,) = [one for one in events if isinstance(one, PaymentApplied) and one.receipt.receipt_id == receipt["id"]]
    assert (paid.allocations[0].amount, paid.allocations[0].currency) == (Decimal("92.00"), "EUR")
    assert paid.allocations[0].receipt_amount == Decimal("100.00")
    (cleared,) = [one for one in events if isinstance(one, ItemEvent) and one.item.item_id == item["id"]]
    assert (cleared.posting.amount, cleared.posting.receipt_id) == (Decimal("-92.00"), receipt["id"])


@pytest.mark.parametrize(
    ("allocation", "rates", "code"),
    [
        ({"amount": "92.00"}, [], "exchange_rate_missing"),
        ({"amount": "92.00"}, [{"currency": "GBP", "rate": "0.79"}], "exchange_rate_unneeded"),
        ({"amount": "92.00"}, [*IN_EUR, {"currency": "USD", "rate": "1"}], "exchange_rate_unneeded"),
        ({"amount": "92.00", "receipt_amount": "100.00"}, [{"currency": "EUR", "rate": "1.08"}], "exchange_difference_too_large"),
        ({"amount": "92.00", "receipt_amount": "100.001"}, IN_EUR, "too_many_decimals"),
        ({"amount": "92.00", "receipt_amount": "0.00"}, IN_EUR, "invalid_request"),
        ({"amount": "92.00"}, [{"currency": "EUR", "rate": "0"}], "invalid_request"),
        ({"amount": "92.00"}, [{"currency": "EUR", "rate": "NaN"}], "invalid_request"),
        ({"amount": "92.00"}, [{"currency": "EUR", "rate": "1e5"}], "invalid_request"),
        ({"amount": "92.00"}, [{"currency": "EUR", "rate": 0.92}], "invalid_request"),
        ({"amount": "92.00"}, [*IN_EUR, *IN_EUR], "invalid_request"),
        ({"amount": "92.00"}, [{"currency": "EUR", "rate": "99999999.9999999999"}], "wrong_receipt_amount"),
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_exchange_is_refused(
    books: Cashapp, allocation: dict[str, str], rates: list[dict[str, Any]], code: str
) -> None:
    item = await refused_item(books)
    receipt = await dollars(books)

    answer = await books.apply(receipt, {"item_id": item["id"]} | allocation, exchange_rates=rates)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_more_money_than_there_is_is_refused_in_the_receipts_currency(books: Cashapp) -> None:
    item, receipt = await books.invoice("FX-MORE", "1000.00"), await dollars(books)

    answer = await books.apply(receipt, takes(item, "920.01"), exchange_rates=IN_EUR)

    assert (answer.status_code, answer.json()["code"]) == (409, "receipt_exhausted")
    assert "1000.00 USD" in answer.json()["detail"]


async def test_an_item_in_the_receipts_currency_takes_just_what_it_is_paid(books: Cashapp) -> None:
    item = await books.invoice("FX-SAME", "100.00", currency="USD")

    answer = await books.apply(await dollars(books), takes(item, "100.00", receipt_amount="99.00"))

    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_receipt_amount")
