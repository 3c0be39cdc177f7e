"""Card payments of which the bank takes back a part, over HTTP on one database; at the end every law holds."""

import asyncio
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from shared.events.cashapp import PaymentReturned
from tests.cashapp.driver import Cashapp, kinds, takes
from tests.cashapp.returns.bank import BY_CARD, NUMBERS, back, balances, opened, paid, parts
from tests.support.services import bearer


async def test_what_the_bank_left_of_a_payment_still_pays_its_item(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "1000.00")

    exception = await opened(books, receipt, "300.00", fee="25.00")

    assert await balances(books, items) == ["300.00"]
    assert await parts(books, receipt) == ("applied", "700.00", "0.00", "300.00")
    assert (exception["amount"], [one["amount"] for one in exception["reopened"]]) == ("300.00", ["300.00"])
    assert (await books.item(exception["fee_item_id"]))["amount"] == "25.00"


async def test_a_part_is_told_with_the_reversal_before_and_the_application_behind_it(books: Cashapp) -> None:
    receipt, _, _ = await paid(books, "1000.00")

    await opened(books, receipt, "300.00")

    told = [one for one in await books.events() if one.aggregate_id == receipt["id"]]
    assert kinds(told)[-3:] == ["payment.reversed", "payment.returned", "payment.applied"]
    returned = told[-2]
    assert isinstance(returned, PaymentReturned)
    assert (returned.posting.unapplied, returned.receipt.returned) == (Decimal("-300.00"), Decimal("300.00"))


async def test_the_application_that_was_posted_last_pays_for_a_part_first(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "600.00", "400.00")

    await opened(books, receipt, "500.00")

    assert await balances(books, items) == ["100.00", "400.00"]


async def test_an_application_that_is_named_pays_for_a_part_before_the_latest_and_what_is_not_applied(
    books: Cashapp,
) -> None:
    receipt, items, applications = await paid(books, "600.00", "300.00")

    exception = await opened(books, receipt, "250.00", application_ids=applications[:1])

    assert await balances(books, items) == ["250.00", "0.00"]
    assert await parts(books, receipt) == ("partially_applied", "650.00", "100.00", "250.00")
    assert [one["number"] for one in exception["reopened"]] == [items[0]["number"]]


@pytest.mark.parametrize("times", [1, 2])
async def test_what_a_part_takes_beyond_the_application_however_often_named_is_of_what_is_not_applied_before_any_other(
    books: Cashapp, times: int
) -> None:
    receipt, items, applications = await paid(books, "600.00", "300.00")

    await opened(books, receipt, "750.00", application_ids=applications[:1] * times)

    assert await balances(books, items) == ["600.00", "50.00"]
    assert await parts(books, receipt) == ("applied", "250.00", "0.00", "750.00")


async def test_what_is_not_applied_pays_for_a_part_where_nothing_is_named(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "600.00")

    exception = await opened(books, receipt, "300.00")

    assert await balances(books, items) == ["0.00"]
    assert await parts(books, receipt) == ("partially_applied", "600.00", "100.00", "300.00")
    assert exception["reopened"] == []


async def test_what_was_taken_back_stays_unapplied_where_it_is_not_to_pay_again(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "1000.00")

    await opened(books, receipt, "300.00", reinstate=False)

    assert await balances(books, items) == ["1000.00"]
    assert await parts(books, receipt) == ("unapplied", "0.00", "700.00", "300.00")


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_the_discount_is_that_of_the_part_that_is_still_paid_until_the_rest_is_won(
    books: Cashapp, outcome: str
) -> None:
    item = await books.invoice(f"PRT-{next(NUMBERS)}", "1000.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("980.00", **BY_CARD)
    await books.apply(receipt, takes(item, "980.00", discount="20.00"))

    exception = await opened(books, receipt, "300.00")

    # 680.00 of the money is two per cent less than 693.88 of the item.
    assert await balances(books, [item]) == ["306.12"]
    assert [(one["amount"], one["discount"]) for one in exception["reopened"]] == [("300.00", "6.12")]
    path = f"/v1/payment-exceptions/{exception['id']}"
    await books.post(f"{path}/evidence", {"kind": "invoice", "reference": "DMS 1"})
    await books.post(f"{path}/contest", {"contested_on": "2026-04-20"})
    body = {"outcome": outcome} | ({"value_date": "2026-05-12"} if outcome == "won" else {})
    answer = await books.post(f"{path}/resolve", body)
    assert answer.status_code == 200, answer.text
    assert await balances(books, [item]) == ["0.00" if outcome == "won" else "306.12"]
    if outcome == "won":
        assert (await books.receipt_now({"id": answer.json()["recovery_receipt_id"]}))["amount"] == "300.00"


async def test_what_was_written_off_with_a_part_stays_open_where_the_money_that_came_back_allows_less(
    books: Cashapp,
) -> None:
    receipt, _, _ = await paid(books, "900.00", of="999.00")
    item = await books.invoice(f"PRT-{next(NUMBERS)}", "100.00")
    applied = await books.apply(receipt, takes(item, "99.00", tolerance_write_off="1.00"))
    assert applied.status_code == 201, applied.text

    exception = await opened(books, receipt, "99.00", application_ids=[applied.json()["id"]])
    path = f"/v1/payment-exceptions/{exception['id']}"
    await books.post(f"{path}/evidence", {"kind": "invoice", "reference": "DMS 1"})
    await books.post(f"{path}/contest", {"contested_on": "2026-04-20"})
    answer = await books.post(f"{path}/resolve", {"outcome": "won", "value_date": "2026-05-12"})

    # One per cent of 99.00 is less than the 1.00 that one of 999.00 had allowed.
    assert answer.status_code == 200, answer.text
    assert await balances(books, [item]) == ["1.00"]


async def test_a_part_comes_back_whoever_says_so_though_he_may_write_off_less_than_who_had_applied(
    books: Cashapp,
) -> None:
    amounts = [{"currency": "EUR", "item_amount": "9.00", "receipt_amount": "9.00"}]
    group = {"kind": "user", "members": ["controller"], "item_pct": "1", "receipt_pct": "1", "amounts": amounts}
    put = await books.client.put("/v1/tolerance-groups/WIDE", json=group, headers=bearer("admin"))
    assert put.status_code == 201, put.text
    receipt = await books.receipt("1000.00", **BY_CARD)
    items = [await books.invoice(f"PRT-{next(NUMBERS)}", amount) for amount in ("1000.00", "9.00")]
    taken = [takes(items[0], "991.00", tolerance_write_off="9.00"), takes(items[1], "9.00")]
    path = f"/v1/receipts/{receipt['id']}/applications"
    applied = await books.post(path, {"allocations": taken}, role="controller")
    assert applied.status_code == 201, applied.text

    await opened(books, receipt, "4.00")

    assert await balances(books, items) == ["9.00", "4.00"]


async def test_what_was_paid_for_another_is_paid_again_only_while_the_payer_pays_for_him(books: Cashapp) -> None:
    path, headers = "/v1/payers/C-1", bearer("ar_specialist") | {"If-Match": "*"}
    put = await books.client.put(path, json={"name": "Handel C-1", "pays_for": ["C-2"]}, headers=headers)
    receipt = await books.receipt("300.00", **BY_CARD)
    items = [
        await books.invoice(f"PRT-{next(NUMBERS)}", amount, customer_id=customer_id)
        for amount, customer_id in (("200.00", "C-2"), ("100.00", "C-1"))
    ]
    applied = await books.apply(receipt, takes(items[0], "200.00"), takes(items[1], "100.00"))
    assert (put.status_code, applied.status_code) == (201, 201), (put.text, applied.text)
    ended = await books.client.put(path, json={"name": "Handel C-1", "pays_for": []}, headers=headers)
    assert ended.status_code == 200, ended.text

    exception = await opened(books, receipt, "50.00")

    assert await balances(books, items) == ["200.00", "0.00"]
    assert await parts(books, receipt) == ("partially_applied", "100.00", "150.00", "50.00")
    assert [one["number"] for one in exception["reopened"]] == [items[0]["number"]]


async def test_a_part_that_clears_when_it_is_presented_again_brings_that_part(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "1000.00")
    exception = await opened(books, receipt, "400.00", reason="card_error")
    path = f"/v1/payment-exceptions/{exception['id']}"

    await books.post(f"{path}/represent", {"represented_on": "2026-04-09"})
    answer = await books.post(f"{path}/resolve", {"outcome": "represented", "value_date": "2026-04-13"})

    assert answer.status_code == 200, answer.text
    assert await balances(books, items) == ["0.00"]
    assert await parts(books, receipt) == ("applied", "600.00", "0.00", "400.00")


async def test_parts_come_back_one_by_one_until_nothing_is_left(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "1000.00")

    answers = [
        await back(books, receipt, "300.00", fee="5.00"),
        await back(books, receipt, "400.00", fee="5.00"),
        await back(books, receipt, "300.01"),
        await back(books, receipt),
        await back(books, receipt, "1.00"),
    ]

    assert [one.status_code for one in answers] == [201, 201, 409, 201, 409]
    assert [one.json()["code"] for one in (answers[2], answers[4])] == ["return_exceeds_receipt", "receipt_returned"]
    opened = [answers[n].json()["payment_exception"] for n in (0, 1, 3)]
    assert [one["amount"] for one in opened] == ["300.00", "400.00", "300.00"]
    fees = [(await books.item(one["fee_item_id"]))["number"] for one in opened[:2]]
    assert fees == [fees[0], f"{fees[0]}-2"]
    assert await balances(books, items) == ["1000.00"]
    assert await parts(books, receipt) == ("returned", "0.00", "0.00", "1000.00")


@pytest.mark.parametrize(
    ("method", "change", "status", "code", "field"),
    [
        ("wire", {"amount": "10.00"}, 422, "partial_return", "amount"),
        ("card", {"amount": "10.001"}, 422, "too_many_decimals", "amount"),
        ("card", {"amount": "0.00"}, 422, "invalid_request", "amount"),
        ("card", {"amount": "1000.01"}, 409, "return_exceeds_receipt", "amount"),
        ("card", {"amount": "10.00", "application_ids": ["app_x"]}, 422, "not_its_application", "application_ids"),
        ("card", {"application_ids": ["app_x"]}, 422, "applications_of_whole", "application_ids"),
    ],
    ids=["a wire", "too fine", "nothing", "too much", "a stranger's application", "named of the whole"],
)
async def test_a_wrong_part_is_refused_and_leaves_no_trace(
    books: Cashapp, method: str, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    card = BY_CARD if method == "card" else {"customer_id": "C-1"}
    receipt = await books.receipt("1000.00", **card)

    answer = await back(books, receipt, **change)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert await parts(books, receipt) == ("unapplied", "0.00", "1000.00", "0.00")


async def test_what_was_refunded_is_charged_where_a_part_needs_it(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "200.00")
    await refunded(books, receipt)

    await opened(books, receipt, "500.00")

    # What the bank left pays the item again; the customer owes what was refunded.
    assert await balances(books, items) == ["0.00"]
    now = await books.receipt_now(receipt)
    assert (now["applied"], now["unapplied"], now["refunded"], now["returned"]) == (
        "200.00",
        "300.00",
        "0.00",
        "500.00",
    )


async def refunded(books: Cashapp, receipt: Any) -> None:
    """Refund what is free of a receipt."""
    asked = {"customer_id": "C-1", "currency": "EUR", "reason_code": "overpayment", "receipt_ids": [receipt["id"]]}
    refund = (await books.post("/v1/refunds", asked, role="ar_specialist")).json()
    path = f"/v1/refunds/{refund['id']}/approve"
    approved = await books.post(path, {"refunded_on": "2026-04-07"}, role="controller")
    assert approved.status_code == 200, approved.text


async def test_a_part_comes_back_though_what_its_application_put_on_account_was_refunded(books: Cashapp) -> None:
    receipt, item = await books.receipt("1000.00", **BY_CARD), await books.invoice(f"PRT-{next(NUMBERS)}", "200.00")
    applied = await books.apply(receipt, takes(item, "200.00"), on_account="300.00")
    assert applied.status_code == 201, applied.text
    await refunded(books, receipt)

    await opened(books, receipt, "150.00")

    assert await balances(books, [item]) == ["0.00"]
    assert await parts(books, receipt) == ("partially_applied", "200.00", "650.00", "150.00")


async def test_the_rest_comes_back_though_a_part_was_taken_of_money_on_account(books: Cashapp) -> None:
    receipt, item = await books.receipt("1000.00", **BY_CARD), await books.invoice(f"PRT-{next(NUMBERS)}", "200.00")
    await books.apply(receipt, takes(item, "200.00"), on_account="600.00")

    await opened(books, receipt, "300.00")
    in_part = await books.receipt_now(receipt)
    rest = await back(books, receipt)

    # First what was unapplied; what the bank left of the rest is on account as before.
    assert [in_part[one] for one in ("applied", "on_account", "unapplied")] == ["200.00", "500.00", "0.00"]
    assert rest.status_code == 201, rest.text
    assert await balances(books, [item]) == ["200.00"]
    assert await parts(books, receipt) == ("returned", "0.00", "0.00", "1000.00")


async def test_a_named_application_pays_for_a_part_first_also_where_every_one_is_taken_back(books: Cashapp) -> None:
    receipt, items, applications = await paid(books, "200.00", "100.00", of="350.00")
    await refunded(books, receipt)

    stranger = await back(books, receipt, "320.00", application_ids=["app_x"])
    await opened(books, receipt, "320.00", application_ids=applications[:1])

    assert (stranger.status_code, stranger.json()["code"]) == (422, "not_its_application")
    assert await balances(books, items) == ["200.00", "70.00"]


async def test_a_part_of_an_unidentified_payment_leaves_the_rest_to_be_identified(books: Cashapp) -> None:
    receipt = await books.receipt("1000.00", **BY_CARD | {"customer_id": None})

    await opened(books, receipt, "300.00")
    identified = await books.post(f"/v1/receipts/{receipt['id']}/identify", {"customer_id": "C-1"})

    assert identified.status_code == 200, identified.text
    assert await parts(books, receipt) == ("unapplied", "0.00", "700.00", "300.00")


async def test_money_that_paid_in_another_currency_is_not_valued_again_by_itself(books: Cashapp) -> None:
    receipt = await books.receipt("125.00", **BY_CARD, currency="USD")
    item = await books.invoice(f"PRT-{next(NUMBERS)}", "100.00")
    rates = [{"currency": "EUR", "rate": "0.81"}]
    await books.apply(receipt, takes(item, "100.00", receipt_amount="125.00"), exchange_rates=rates)

    await opened(books, receipt, "25.00")

    assert await balances(books, [item]) == ["100.00"]
    assert await parts(books, receipt) == ("unapplied", "0.00", "100.00", "25.00")


async def test_a_credit_memo_that_was_netted_is_open_again_beside_what_the_bank_left(books: Cashapp) -> None:
    receipt = await books.receipt("800.00", **BY_CARD)
    item = await books.invoice(f"PRT-{next(NUMBERS)}", "1000.00")
    memo = await books.invoice(f"PRT-{next(NUMBERS)}", "200.00", kind="credit_memo")
    netted = await books.apply(receipt, takes(item, "1000.00"), takes(memo, "-200.00"))
    assert netted.status_code == 201, netted.text

    await opened(books, receipt, "300.00")

    assert await balances(books, [item, memo]) == ["500.00", "-200.00"]
    assert await parts(books, receipt) == ("applied", "500.00", "0.00", "300.00")


async def test_parts_and_the_whole_at_once_come_to_no_more_than_there_is(books: Cashapp) -> None:
    chance = Random(7)
    for wanted in (("300.00", "400.00"), ("600.00", "700.00"), ("300.00", None), (None, None, "999.99")):
        amounts = chance.choice((("1000.00",), ("600.00", "400.00"), ("250.00",)))
        receipt, items, applications = await paid(books, *amounts)

        answers = await asyncio.gather(
            *(back(books, receipt, amount) for amount in wanted),
            books.post(f"/v1/applications/{applications[0]}/reverse", {}),
        )

        codes = {one.status_code for one in answers}
        assert codes <= {200, 201, 409}, [one.text for one in answers]
        taken = [one.json()["payment_exception"]["amount"] for one in answers if one.status_code == 201]
        now = await books.receipt_now(receipt)
        assert taken
        assert sum(map(Decimal, taken), Decimal(0)) == Decimal(now["returned"]) <= 1000
        held = sum(Decimal(now[name]) for name in ("applied", "unapplied", "on_account", "returned"))
        assert held == 1000
        open_of = sum((Decimal(one) for one in await balances(books, items)), Decimal(0))
        assert open_of == sum(map(Decimal, amounts), Decimal(0)) - Decimal(now["applied"])


async def test_whatever_became_of_a_payment_the_bank_can_take_part_after_part_of_it_and_then_the_rest(
    books: Cashapp,
) -> None:
    chance = Random(5)

    def some() -> str:
        return f"{chance.randrange(1, 40_000) / 100:.2f}"

    for _ in range(6):
        receipt = await books.receipt("1000.00", **BY_CARD)
        items = [await books.invoice(f"PRT-{next(NUMBERS)}", "400.00") for _ in range(3)]
        carried: set[str] = set()
        for _ in range(7):
            match chance.choice(("apply", "apply", "part", "refund")):
                case "apply":
                    on_account = some() if chance.random() < 0.5 else "0.00"
                    held_back = chance.choice((None, "dispute", "residual"))
                    short = {"shortfall": held_back, "reason_code": "price"} if held_back else {}
                    taken = takes(chance.choice(items), some(), **short)
                    answer = await books.apply(receipt, taken, on_account=on_account)
                    carried |= {one["residual_item_id"] for one in answer.json().get("allocations", [])} - {None}
                case "part":
                    answer = await back(books, receipt, some())
                    assert answer.status_code == 201 or answer.json()["code"] == "return_exceeds_receipt", answer.text
                case "refund":
                    now = await books.receipt_now(receipt)
                    if Decimal(now["unapplied"]) + Decimal(now["on_account"]):
                        await refunded(books, receipt)
        answer = await back(books, receipt)

        assert answer.status_code == 201, answer.text
        assert await parts(books, receipt) == ("returned", "0.00", "0.00", "1000.00")
        assert await balances(books, items) == ["400.00"] * 3
        assert await balances(books, [{"id": one} for one in carried]) == ["0.00"] * len(carried)
