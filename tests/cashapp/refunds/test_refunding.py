"""Paying money back, over HTTP on a real database; after each test the books must hold."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cashapp_service.periods.domain import Period
from cashapp_service.periods.use_cases import close_period
from shared.events.cashapp import ItemEvent, PaymentRefunded, RefundIssued
from shared.http.pagination import encode_cursor, list_id
from tests.cashapp.driver import Cashapp, kinds, takes
from tests.support.services import bearer


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []


async def asked(cashapp: Cashapp, *sources: dict[str, Any], role: str = "ar_specialist", **fields: Any) -> Any:
    """Ask for a refund of receipts and credit memos and return the answer."""
    body = {
        "customer_id": "C-1",
        "currency": "EUR",
        "reason_code": "overpayment",
        "receipt_ids": [one["id"] for one in sources if one["id"].startswith("rcp_")],
        "item_ids": [one["id"] for one in sources if one["id"].startswith("itm_")],
    }
    return await cashapp.post("/v1/refunds", body | fields, role=role)


async def waiting(cashapp: Cashapp, *sources: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a refund that waits."""
    answer = await asked(cashapp, *sources, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(
    cashapp: Cashapp, refund: dict[str, Any], verb: str, body: Any = None, *, role: str = "controller", **options: Any
) -> httpx.Response:
    """Approve, reject, pay, cancel or reverse a refund."""
    return await cashapp.post(f"/v1/refunds/{refund['id']}/{verb}", body, role=role, **options)


async def refunded(cashapp: Cashapp, *sources: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a refund that was approved and posted on 2 April."""
    refund = await waiting(cashapp, *sources, **fields)
    answer = await decide(cashapp, refund, "approve", {"refunded_on": "2026-04-02"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_every_refund_waits_for_another_person_and_posts_nothing_until_then(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")

    refund = await waiting(cashapp, receipt, amount="0.01")

    assert (refund["status"], refund["amount"], refund["decided_by"]) == ("pending", "0.01", None)
    assert (await cashapp.receipt_now(receipt))["unapplied"] == "300.00"


async def test_an_approved_refund_leaves_the_receipt_and_the_bank(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")

    refund = await refunded(cashapp, receipt, amount="100.00")

    now = await cashapp.receipt_now(receipt)
    assert (refund["status"], refund["decided_by"]) == ("approved", "controller")
    assert (now["refunded"], now["unapplied"], now["status"]) == ("100.00", "200.00", "unapplied")
    assert await cashapp.trial_balance() == {"cash": Decimal("200.00"), "unapplied_cash": Decimal("-200.00")}
    told = await cashapp.events("payment.refunded", "refund.issued")
    assert isinstance(told[0], PaymentRefunded)
    assert isinstance(told[1], RefundIssued)
    assert (told[0].posting.unapplied, told[0].receipt.refunded, told[0].version) == (Decimal(-100), Decimal(100), 2)
    assert told[1].refund.amount == Decimal("100.00")


async def test_a_receipt_that_was_refunded_whole_is_nobodys_work(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")

    await refunded(cashapp, receipt)

    assert (await cashapp.receipt_now(receipt))["status"] == "refunded"
    assert (await cashapp.get("/v1/receipts", status="unapplied"))["data"] == []


async def test_unapplied_money_is_refunded_before_money_on_account(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    await cashapp.apply(receipt, on_account="200.00")

    await refunded(cashapp, receipt, amount="150.00")

    now = await cashapp.receipt_now(receipt)
    assert (now["unapplied"], now["on_account"], now["refunded"]) == ("0.00", "150.00", "150.00")


async def test_a_credit_memo_is_paid_out(cashapp: Cashapp) -> None:
    memo = await cashapp.invoice("GS-1", "80.00", kind="credit_memo")

    await refunded(cashapp, memo, reason_code="returned_goods")

    now = await cashapp.item(memo["id"])
    assert (now["balance"], now["status"]) == ("0.00", "cleared")
    assert await cashapp.trial_balance() == {"cash": Decimal("-80.00"), "credit_memos": Decimal("80.00")}
    posting = [event.posting for event in await cashapp.events() if isinstance(event, ItemEvent)][-1]
    assert (posting.kind, posting.amount, posting.receipt_id) == ("payment", Decimal("80.00"), None)


async def test_an_amount_is_taken_in_the_order_of_what_is_named_receipts_first(cashapp: Cashapp) -> None:
    memo = await cashapp.invoice("GS-1", "80.00", kind="credit_memo")
    first, second = [await cashapp.receipt("100.00", customer_id="C-1", reference=name) for name in "ab"]

    refund = await refunded(cashapp, second, first, memo, amount="210.00")

    taken = [(one["receipt_id"] or one["item_id"], one["amount"]) for one in refund["parts"]]
    assert taken == [(second["id"], "100.00"), (first["id"], "100.00"), (memo["id"], "10.00")]


async def test_nobody_decides_his_own_refund(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt, role="controller")

    answers = [
        await decide(cashapp, refund, "approve"),
        await decide(cashapp, refund, "reject", {"note": "no"}),
        await decide(cashapp, refund, "approve", role="admin"),
    ]

    assert [(one.status_code, one.json().get("code")) for one in answers[:2]] == [(403, "four_eyes")] * 2
    assert answers[2].status_code == 200


AUTHORITY = [
    ("100000.00", "EUR", "controller", 200),
    ("100000.01", "EUR", "controller", 403),
    ("1", "JPY", "controller", 403),
    ("100000.01", "EUR", "admin", 200),
    ("1", "JPY", "admin", 200),
]


async def test_a_refund_is_approved_within_the_authority_in_its_own_currency(cashapp: Cashapp) -> None:
    for amount, currency, role, status in AUTHORITY:
        receipt = await cashapp.receipt(amount, customer_id="C-1", currency=currency)
        refund = await waiting(cashapp, receipt, currency=currency)

        answer = await decide(cashapp, refund, "approve", role=role)

        assert answer.status_code == status, (amount, currency, role)
        assert status == 200 or answer.json()["code"] == "authority_exceeded"
        assert Decimal((await cashapp.receipt_now(receipt))["refunded"]) == (Decimal(amount) if status == 200 else 0)


BODIES = {
    "approve": None,
    "reject": {"note": "x"},
    "cancel": None,
    "pay": {"payment_reference": "x", "paid_on": "2026-04-03"},
    "reverse": {"reason": "x"},
}


async def test_only_who_may_asks_and_decides(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt)

    for role in ("collector", "erp", "credit_analyst", "auditor", "dispute_coordinator", "credit_manager"):
        codes = [(await asked(cashapp, receipt, role=role)).status_code]
        codes += [(await decide(cashapp, refund, verb, body, role=role)).status_code for verb, body in BODIES.items()]
        assert codes == [403] * 6, role


async def test_an_ar_specialist_does_not_approve(cashapp: Cashapp) -> None:
    refund = await waiting(cashapp, await cashapp.receipt("300.00", customer_id="C-1"), role="admin")

    assert (await decide(cashapp, refund, "approve", role="ar_specialist")).status_code == 403


async def test_the_same_money_waits_in_one_refund_only(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    await waiting(cashapp, receipt, amount="200.00")

    too_much, rest = await asked(cashapp, receipt, amount="100.01"), await asked(cashapp, receipt)
    nothing = await asked(cashapp, receipt)

    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_exceeds_credit")
    assert rest.json()["amount"] == "100.00"
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_refund")


async def test_money_that_waits_to_be_refunded_may_be_applied_and_is_then_not_refunded(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt)
    await cashapp.apply(receipt, takes(await cashapp.invoice(amount="50.00"), "50.00"))
    events = len(await cashapp.events())

    answer = await decide(cashapp, refund, "approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "refund_not_covered")
    assert "250.00" in answer.json()["detail"]
    assert (await cashapp.get(f"/v1/refunds/{refund['id']}"))["status"] == "pending"
    assert len(await cashapp.events()) == events


async def test_a_refund_is_decided_once(cashapp: Cashapp) -> None:
    refund = await refunded(cashapp, await cashapp.receipt("300.00", customer_id="C-1"))

    again = [await decide(cashapp, refund, "approve"), await decide(cashapp, refund, "reject", {"note": "late"})]

    assert [(one.status_code, one.json()["code"]) for one in again] == [(409, "refund_state")] * 2


async def test_a_rejected_or_cancelled_refund_frees_its_money(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    rejected = await decide(cashapp, await waiting(cashapp, receipt), "reject", {"note": "They owe us"})
    own = await waiting(cashapp, receipt)
    strangers = await decide(cashapp, own, "cancel", role="controller")
    cancelled = await decide(cashapp, own, "cancel", role="ar_specialist")

    assert (rejected.json()["status"], rejected.json()["decision_note"]) == ("rejected", "They owe us")
    assert (strangers.status_code, strangers.json()["code"]) == (403, "not_your_request")
    assert cancelled.json()["status"] == "cancelled"
    assert (await waiting(cashapp, receipt))["amount"] == "300.00"


async def test_a_refund_is_paid_once_it_is_approved(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt)
    body = {"payment_reference": "SEPA-42", "paid_on": "2026-04-03"}

    early = await decide(cashapp, refund, "pay", body)
    await decide(cashapp, refund, "approve")
    paid = await decide(cashapp, refund, "pay", body, role="ar_specialist")

    assert (early.status_code, early.json()["code"]) == (409, "refund_state")
    assert (paid.json()["status"], paid.json()["payment_reference"]) == ("paid", "SEPA-42")


async def test_a_refund_that_fails_is_taken_back_once_and_the_money_is_where_it_was(cashapp: Cashapp) -> None:
    memo = await cashapp.invoice("GS-1", "80.00", kind="credit_memo")
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    await cashapp.apply(receipt, on_account="200.00")
    refund = await refunded(cashapp, receipt, memo)
    body = {"reason": "The account is closed", "posting_date": "2026-04-08"}

    early = await decide(cashapp, refund, "reverse", body | {"posting_date": "2026-04-01"})
    answers = [await decide(cashapp, refund, "reverse", body) for _ in range(2)]

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert [one.status_code for one in answers] == [200, 409]
    now = await cashapp.receipt_now(receipt)
    assert (now["unapplied"], now["on_account"], now["refunded"]) == ("100.00", "200.00", "0.00")
    assert (await cashapp.item(memo["id"]))["balance"] == "-80.00"
    assert kinds(await cashapp.events())[-3:] == ["payment.refunded", "item.updated", "refund.reversed"]
    assert (await waiting(cashapp, receipt, memo))["amount"] == "380.00"


async def test_money_that_came_back_is_not_applied_before_that_day(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await refunded(cashapp, receipt)
    await decide(cashapp, refund, "reverse", {"reason": "recalled", "posting_date": "2026-04-08"})

    answer = await cashapp.apply(receipt, takes(await cashapp.invoice(), "300.00"))

    assert answer.json()["posting_date"] == "2026-04-08"


async def test_a_refunded_payment_that_bounces_is_charged_to_the_customer(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1", method="cheque")
    refund = await refunded(cashapp, receipt, amount="120.00")

    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-07"})

    assert (answer.json()["status"], answer.json()["returned"], answer.json()["refunded"]) == (
        "returned",
        "300.00",
        "0.00",
    )
    (part,) = (await cashapp.get(f"/v1/refunds/{refund['id']}"))["parts"]
    charged = await cashapp.item(part["recharged_item_id"])
    assert (charged["balance"], charged["kind"], charged["due_date"]) == ("120.00", "debit_memo", "2026-04-07")
    assert await cashapp.trial_balance() == {"receivables": Decimal("120.00"), "cash": Decimal("-120.00")}
    reversal = await decide(cashapp, refund, "reverse", {"reason": "x"})
    assert (reversal.status_code, reversal.json()["code"]) == (409, "refund_recharged")


async def test_a_payment_that_was_put_on_account_and_refunded_from_there_can_bounce(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1", method="cheque")
    application = (await cashapp.apply(receipt, on_account="300.00")).json()
    await refunded(cashapp, receipt, amount="200.00")

    undone = await cashapp.post(f"/v1/applications/{application['id']}/reverse")
    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-03-25"})

    assert (undone.status_code, undone.json()["code"]) == (409, "on_account_spent")
    assert (answer.status_code, answer.json()["returned"]) == (201, "300.00")
    assert await cashapp.trial_balance() == {"receivables": Decimal("200.00"), "cash": Decimal("-200.00")}


async def test_a_payment_that_was_refunded_whole_can_bounce_once(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1", method="cheque")
    await refunded(cashapp, receipt)
    body = {"reason": "nsf", "value_date": "2026-04-01"}

    codes = [(await cashapp.post(f"/v1/receipts/{receipt['id']}/return", body)).status_code for _ in range(2)]

    assert codes == [201, 409]
    assert await cashapp.trial_balance() == {"receivables": Decimal("300.00"), "cash": Decimal("-300.00")}


async def test_what_does_not_belong_together_is_refused_by_name(cashapp: Cashapp) -> None:
    own = await cashapp.receipt("300.00", customer_id="C-1")
    others = await cashapp.receipt("300.00", customer_id="C-2")
    dollars = await cashapp.receipt("300.00", customer_id="C-1", currency="USD")
    elsewhere = await cashapp.receipt("300.00", customer_id="C-1", company_code="2000")
    unknown = await cashapp.receipt("300.00")
    invoice = await cashapp.invoice()
    nowhere = {"id": "rcp_nowhere"}

    answers = [
        await asked(cashapp, own, wrong) for wrong in (others, dollars, elsewhere, unknown, invoice, nowhere, own)
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(422, "not_refundable")}
    fields = [one.json()["errors"][0]["field"] for one in answers]
    assert fields == [
        *["receipt_ids.1"] * 2,
        "receipt_ids",
        "receipt_ids.1",
        "item_ids.0",
        "receipt_ids.1",
        "receipt_ids",
    ]


MALFORMED: list[dict[str, Any]] = [
    {"receipt_ids": []},
    {"amount": "0.00"},
    {"amount": "1.001"},
    {"amount": 1.5},
    {"currency": "EURO"},
    {"reason_code": "because"},
    {"note": ""},
    {"receipt_ids": ["x" * 65]},
    {"receipt_ids": ["a"] * 101},
    {"paid_from": "DE00"},
    {"surprise": True},
]


async def test_a_malformed_request_is_refused(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")

    codes = [(await asked(cashapp, receipt, **fields)).status_code for fields in MALFORMED]

    assert codes == [422] * len(MALFORMED)


async def test_a_refund_leaves_from_the_house_account_that_is_named(cashapp: Cashapp) -> None:
    body = {"currency": "EUR", "company_code": "1000", "ledger_account": "1815", "name": "Refunds"}
    await cashapp.client.put("/v1/bank-accounts/DE89370400440532013000", json=body, headers=bearer("admin"))
    receipt = await cashapp.receipt("300.00", customer_id="C-1")

    await refunded(cashapp, receipt, paid_from="DE89 3704 0044 0532 0130 00")

    assert await cashapp.trial_balance() == {"cash": Decimal("300.00"), "1815": Decimal("-300.00")}


async def test_a_refund_is_not_dated_before_its_money_nor_into_a_closed_period(cashapp: Cashapp) -> None:
    refund = await waiting(cashapp, await cashapp.receipt("300.00", customer_id="C-1", value_date="2026-04-05"))

    async with cashapp.units.begin() as uow:
        await close_period(uow, "1000", Period(2026, 4), by="controller")

    early = await decide(cashapp, refund, "approve", {"refunded_on": "2026-04-04"})
    closed = await decide(cashapp, refund, "approve", {"refunded_on": "2026-04-10"})

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert (closed.status_code, closed.json()["code"]) == (409, "period_closed")
    assert (await cashapp.get(f"/v1/refunds/{refund['id']}"))["status"] == "pending"


async def test_only_who_needs_it_sees_where_the_money_goes(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt, bank_account="DE89370400440532013000")

    seen = {
        role: (await cashapp.get(f"/v1/refunds/{refund['id']}", role=role))["bank_account"]
        for role in ("ar_specialist", "controller", "collector", "auditor")
    }

    whole = "DE89370400440532013000"
    assert seen == {"ar_specialist": whole, "controller": whole, "collector": "…3000", "auditor": "…3000"}


async def test_a_stale_version_is_refused(cashapp: Cashapp) -> None:
    refund = await waiting(cashapp, await cashapp.receipt("300.00", customer_id="C-1"))

    stale = await decide(cashapp, refund, "approve", headers={"If-Match": '"7"'})
    fresh = await decide(cashapp, refund, "approve", headers={"If-Match": '"1"'})

    assert (stale.status_code, fresh.status_code, fresh.headers["etag"]) == (412, 200, '"2"')


async def test_refunds_are_found_by_customer_status_and_who_asked(cashapp: Cashapp) -> None:
    first, second = [await cashapp.receipt("300.00", customer_id=name) for name in ("C-1", "C-2")]
    done = await refunded(cashapp, first)
    open_one = await waiting(cashapp, second, customer_id="C-2", role="controller")

    async def found(**filters: str) -> list[str]:
        return [one["id"] for one in (await cashapp.get("/v1/refunds", **filters))["data"]]

    assert await found() == [open_one["id"], done["id"]]
    assert await found(status="pending") == await found(customer_id="C-2") == [open_one["id"]]
    assert await found(requested_by="ar_specialist") == [done["id"]]
    cursor = encode_cursor([list_id("/v1/refunds", ()), 5])
    edited = await cashapp.client.get("/v1/refunds", params={"cursor": cursor}, headers=bearer("controller"))
    assert edited.status_code == 422


async def test_candidates_are_what_customers_have_to_their_credit(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    memo = await cashapp.invoice("GS-1", "80.00", kind="credit_memo")
    await cashapp.invoice("RE-1", "100.00")
    await waiting(cashapp, receipt, amount="50.00")
    await cashapp.receipt("40.00", customer_id="C-2")
    await cashapp.receipt("999.00")

    async def found(**filters: Any) -> list[dict[str, Any]]:
        return list((await cashapp.get("/v1/refunds/candidates", **filters))["data"])

    first, second = await found()
    amounts = {name: first[name] for name in ("credit", "pending", "owed", "net_credit")}
    assert amounts == {"credit": "380.00", "pending": "50.00", "owed": "100.00", "net_credit": "230.00"}
    assert (first["receipt_ids"], first["item_ids"], first["since"]) == ([receipt["id"]], [memo["id"]], "2026-03-01")
    assert (second["customer_id"], second["net_credit"]) == ("C-2", "40.00")
    assert [one["customer_id"] for one in await found(without_debt=True)] == ["C-2"]
    assert [one["customer_id"] for one in await found(min_credit="100.00")] == ["C-1"]
    assert await found(currency="USD") == []
    page = await cashapp.get("/v1/refunds/candidates", limit=1)
    assert (await cashapp.get("/v1/refunds/candidates", limit=1, cursor=page["next_cursor"]))["data"] == [second]


async def test_two_who_approve_at_once_pay_once(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    refund = await waiting(cashapp, receipt)

    answers = await asyncio.gather(
        *(decide(cashapp, refund, "approve", role=role) for role in ("controller", "admin", "controller", "admin"))
    )

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert (await cashapp.receipt_now(receipt))["refunded"] == "300.00"


async def test_money_is_applied_or_refunded_but_never_both(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="300.00")
    receipt = await cashapp.receipt("300.00", customer_id="C-1", reference="none")
    refund = await waiting(cashapp, receipt)

    answers = await asyncio.gather(
        decide(cashapp, refund, "approve"),
        cashapp.apply(receipt, takes(item, "300.00")),
        decide(cashapp, refund, "approve"),
    )

    now = await cashapp.receipt_now(receipt)
    assert (now["refunded"], now["applied"]) in (("300.00", "0.00"), ("0.00", "300.00"))
    assert sorted(one.status_code for one in answers)[1:] == [409, 409]


async def test_a_payment_that_bounces_while_its_refund_is_approved_is_paid_out_by_one_of_them_at_most(
    cashapp: Cashapp,
) -> None:
    receipt = await cashapp.receipt("300.00", customer_id="C-1", method="cheque")
    refund = await waiting(cashapp, receipt)

    approved, returned = await asyncio.gather(
        decide(cashapp, refund, "approve", {"refunded_on": "2026-04-02"}),
        cashapp.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-07"}),
    )

    assert returned.status_code == 201
    owed = Decimal("300.00") if approved.status_code == 200 else None
    assert (await cashapp.trial_balance()).get("receivables") == owed


async def test_refunds_of_the_same_receipts_in_another_order_do_not_block_each_other(cashapp: Cashapp) -> None:
    receipts = [await cashapp.receipt("300.00", customer_id="C-1", reference=str(n)) for n in range(4)]
    refunds = [await waiting(cashapp, *(receipts if n % 2 else receipts[::-1]), amount="40.00") for n in range(6)]

    answers = await asyncio.gather(
        *(decide(cashapp, one, "approve") for one in refunds),
        *(asked(cashapp, *receipts[::-1], amount="1.00") for _ in range(4)),
    )

    assert {one.status_code for one in answers} == {200, 201}
    now = [await cashapp.receipt_now(one) for one in receipts]
    assert sum(Decimal(one["refunded"]) for one in now) == Decimal(240)


@pytest.mark.parametrize("account", ["…3000", "**********3000", "DE89370400440532013001", "GB82 WEST 1234 5698 7654 3"])
async def test_nothing_is_paid_to_a_masked_or_false_account(cashapp: Cashapp, account: str) -> None:
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await asked(cashapp, receipt, bank_account=account)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "bank_account")


async def test_an_account_that_is_no_iban_is_paid_to(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt(customer_id="C-1")

    assert (await asked(cashapp, receipt, bank_account="021000021 / 4430-2211")).status_code == 201
