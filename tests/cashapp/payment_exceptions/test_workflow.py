"""Payment exceptions from the return to the outcome, over HTTP on one database; at the end every law holds."""

import asyncio
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest

from cashapp_service.subscriptions import SUBSCRIPTIONS
from shared.events.dispute import DisputedItem, DisputeOpened, DisputeResolved, DisputeState
from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

NUMBERS = count(1)
BY_CARD = {"method": "card", "card_token": "tok_1N3T00Lkd", "card_last4": "1111"}


async def paid(books: Cashapp, amount: str = "1000.00", **receipt: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an item and the receipt that paid it."""
    item = await books.invoice(f"PEX-{next(NUMBERS)}", amount)
    received = await books.receipt(amount, customer_id="C-1", **receipt)
    answer = await books.apply(received, takes(item, amount))
    assert answer.status_code == 201, answer.text
    return item, received


async def returned(books: Cashapp, receipt: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the exception that returning a receipt opens."""
    body = {"reason": "chargeback", "value_date": "2026-04-07"} | fields
    answer = await books.post(f"/v1/receipts/{receipt['id']}/return", body, role="ar_specialist")
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["payment_exception"])


async def do(
    books: Cashapp, exception: dict[str, Any], verb: str, role: str = "ar_specialist", headers: Any = None, **body: Any
) -> httpx.Response:
    """Take a step."""
    path = f"/v1/payment-exceptions/{exception['id']}/{verb}"
    return await books.post(path, body, role=role, headers=headers or {})


async def contested(books: Cashapp, exception: dict[str, Any]) -> None:
    """Contest a chargeback with evidence."""
    await do(books, exception, "evidence", kind="delivery_proof", reference="DMS 4711", note="Signed")
    answer = await do(books, exception, "contest", contested_on="2026-04-20")
    assert answer.status_code == 200, answer.text


async def now(books: Cashapp, exception: dict[str, Any]) -> dict[str, Any]:
    """Return an exception as it is now."""
    return dict(await books.get(f"/v1/payment-exceptions/{exception['id']}"))


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_won_chargeback_brings_the_money_back_and_pays_the_item_again(books: Cashapp) -> None:
    item, receipt = await paid(books, **BY_CARD)
    before = await books.trial_balance()
    exception = await returned(books, receipt, reason=None, reason_code="10.4")
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12", resolved_on="2026-05-12")

    assert answer.status_code == 200, answer.text
    won = answer.json()
    assert (won["status"], won["outcome"], won["reason"], won["scheme"]) == ("resolved", "won", "chargeback", "visa")
    back = await books.receipt_now({"id": won["recovery_receipt_id"]})
    assert (back["status"], back["amount"], back["value_date"]) == ("applied", "1000.00", "2026-05-12")
    assert (back["card_token"], back["card_last4"], back["method"]) == ("tok_1N3T00Lkd", "1111", "card")
    assert (await books.item(item["id"]))["balance"] == "0.00"
    assert (await books.receipt_now(receipt))["status"] == "returned"
    assert await books.trial_balance() == before


async def test_the_discount_of_a_won_payment_is_granted_again_and_that_of_a_late_one_is_not(books: Cashapp) -> None:
    balances = []
    for reason in ("chargeback", "nsf"):
        item = await books.invoice(f"PEX-{next(NUMBERS)}", "1000.00", payment_terms="2/20 net 30")
        receipt = await books.receipt("980.00", customer_id="C-1")
        await books.apply(receipt, takes(item, "980.00", discount="20.00"))
        exception = await returned(books, receipt, reason=reason)
        if reason == "chargeback":
            await contested(books, exception)
            answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")
        else:
            await do(books, exception, "represent", represented_on="2026-04-09")
            answer = await do(books, exception, "resolve", outcome="represented", value_date="2026-04-13")
        assert answer.status_code == 200, answer.text
        balances.append((await books.item(item["id"]))["balance"])

    assert balances == ["0.00", "20.00"]


async def test_a_payment_that_fails_once_more_is_open_with_a_new_deadline_and_then_clears(books: Cashapp) -> None:
    item, receipt = await paid(books, method="cheque")
    exception = await returned(books, receipt, reason=None, reason_code="a")
    assert (exception["reason"], exception["scheme"], exception["reason_code"]) == ("nsf", "x9", "A")

    await do(books, exception, "represent", represented_on="2026-04-10", note="They promised cover")
    failed = await do(books, exception, "fail", value_date="2026-04-14")
    await do(books, exception, "represent", represented_on="2026-04-15")
    cleared = await do(books, exception, "resolve", outcome="represented", value_date="2026-04-17")

    assert (failed.json()["status"], failed.json()["deadline_on"]) == ("open", "2026-04-24")
    assert (cleared.json()["presentations"], cleared.json()["status"]) == (2, "resolved")
    assert (await books.item(item["id"]))["balance"] == "0.00"
    steps = (await now(books, exception))["steps"]
    assert [one["action"] for one in steps] == ["returned", "represented", "failed", "represented", "resolved"]
    assert [one["version"] for one in steps] == [1, 2, 3, 4, 5]
    assert steps[1]["note"] == "They promised cover"


async def test_a_lost_chargeback_leaves_the_item_open(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="lost", note="Signature was not theirs")

    assert (answer.status_code, answer.json()["recovery_receipt_id"]) == (200, None)
    assert (await books.item(item["id"]))["balance"] == "1000.00"


async def test_money_that_the_banks_file_brought_is_taken_and_not_posted_twice(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)
    credit = await books.receipt("1000.00", value_date="2026-05-12", payer_name="Acquirer Settlement")
    receipts_before = len((await books.get("/v1/receipts", limit=500))["data"])

    answer = await do(books, exception, "resolve", outcome="won", receipt_id=credit["id"])

    assert answer.status_code == 200, answer.text
    assert answer.json()["recovery_receipt_id"] == credit["id"]
    assert len((await books.get("/v1/receipts", limit=500))["data"]) == receipts_before
    taken = await books.receipt_now(credit)
    assert (taken["status"], taken["customer_id"]) == ("applied", "C-1")
    assert (await books.item(item["id"]))["balance"] == "0.00"
    # The acquirer pays for many customers: that it brought the money of this one teaches nothing.
    other = await books.receipt("5.00", payer_name="Acquirer Settlement")
    assert other["status"] == "unidentified"


async def test_without_reinstating_the_money_waits_unapplied(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12", reinstate=False)

    back = await books.receipt_now({"id": answer.json()["recovery_receipt_id"]})
    assert (back["status"], back["unapplied"]) == ("unapplied", "1000.00")
    assert (await books.item(item["id"]))["balance"] == "1000.00"


async def test_money_back_for_what_was_paid_meanwhile_stays_unapplied(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    other = await books.receipt("700.00", customer_id="C-1", value_date="2026-04-20")
    await books.apply(other, takes(item, "700.00"))
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")

    back = await books.receipt_now({"id": answer.json()["recovery_receipt_id"]})
    assert (back["applied"], back["unapplied"]) == ("300.00", "700.00")


async def test_the_money_that_came_back_may_be_returned_again_with_an_exception_of_its_own(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)
    won = (await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")).json()

    second = await returned(books, {"id": won["recovery_receipt_id"]}, value_date="2026-06-01")

    assert second["id"] != exception["id"]
    assert (await books.item(item["id"]))["balance"] == "1000.00"
    assert refused(await do(books, exception, "reopen", note="?")) == (409, "money_came_back")


async def test_a_receipt_that_cannot_be_the_money_back_is_refused_and_nothing_changes(books: Cashapp) -> None:
    _, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)
    taken = await books.receipt("1000.00", customer_id="C-1", value_date="2026-05-12")
    _, others = await paid(books)
    other = await returned(books, others)
    await contested(books, other)
    assert (await do(books, other, "resolve", outcome="won", receipt_id=taken["id"])).status_code == 200
    gone = await books.receipt("1000.00", customer_id="C-1", value_date="2026-05-12")
    await returned(books, gone, value_date="2026-05-13")
    unfit = {
        "unknown": "rcp_none",
        "itself": receipt["id"],
        "returned": gone["id"],
        "taken": taken["id"],
        "currency": (await books.receipt("1000.00", customer_id="C-1", currency="USD", value_date="2026-05-12"))["id"],
        "customer": (await books.receipt("1000.00", customer_id="C-2", value_date="2026-05-12"))["id"],
        "earlier": (await books.receipt("1000.00", customer_id="C-1", value_date="2026-03-19"))["id"],
    }
    before = await now(books, exception)

    for name, receipt_id in unfit.items():
        answer = await do(books, exception, "resolve", outcome="won", receipt_id=receipt_id)
        assert refused(answer) == (422, "unfit_receipt"), name
        assert answer.json()["errors"][0]["field"] == "receipt_id"

    assert await now(books, exception) == before


async def test_a_replacement_names_the_receipt_and_a_wrong_resolution_is_reopened(books: Cashapp) -> None:
    _, receipt = await paid(books)
    exception = await returned(books, receipt, reason="nsf")
    wire = await books.receipt("1000.00", customer_id="C-1", value_date="2026-04-15")

    replaced = await do(books, exception, "resolve", outcome="replaced", receipt_id=wire["id"])
    again = await do(books, exception, "resolve", outcome="accepted")
    reopened = await do(books, exception, "reopen", note="That wire was for another invoice")

    assert replaced.json()["recovery_receipt_id"] == wire["id"]
    assert refused(again) == (409, "already_resolved")
    now_open = reopened.json()
    assert (now_open["status"], now_open["outcome"], now_open["recovery_receipt_id"]) == ("open", None, None)


async def test_a_fee_is_charged_or_borne(books: Cashapp) -> None:
    _, receipt = await paid(books)
    charged = await returned(books, receipt, fee="12.50")
    borne = await returned(books, await books.receipt("70.00"), fee="5.00", fee_borne_by="company")

    assert charged["fee_item_id"] is not None
    assert (borne["fee"], borne["fee_borne_by"], borne["fee_item_id"]) == ("5.00", "company", None)


async def test_the_bank_may_set_the_deadline(books: Cashapp) -> None:
    exception = await returned(books, await books.receipt("70.00"), deadline_on="2026-04-30")

    assert exception["deadline_on"] == "2026-04-30"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": None}, "reason"),
        ({"reason": None, "reason_code": "XX"}, "reason"),
        ({"reason": "nsf", "reason_code": "R02"}, "reason"),
        ({"reason_code": "R 02"}, "reason_code"),
        ({"reason_code": ""}, "reason_code"),
        ({"deadline_on": "2026-04-06"}, "deadline_on"),
        ({"posting_date": "2026-04-06"}, "posting_date"),
        ({"fee": "1.00", "fee_borne_by": "bank"}, "fee_borne_by"),
    ],
)
async def test_a_return_that_contradicts_itself_is_refused(books: Cashapp, body: Any, field: str) -> None:
    receipt = await books.receipt("10.00", customer_id="C-1")

    answer = await books.post(
        f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-07"} | body
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await books.receipt_now(receipt))["version"] == receipt["version"]


async def test_a_step_that_is_not_possible_leaves_no_trace(books: Cashapp) -> None:
    _, receipt = await paid(books)
    exception = await returned(books, receipt)
    before = await now(books, exception)

    found = [
        refused(await do(books, exception, "contest", contested_on="2026-04-20")),
        refused(await do(books, exception, "represent", represented_on="2026-04-20")),
        refused(await do(books, exception, "fail", value_date="2026-04-20")),
        refused(await do(books, exception, "reopen", note="?")),
        refused(await do(books, exception, "resolve", outcome="won", value_date="2026-04-20")),
    ]

    assert found == [
        (409, "evidence_missing"),
        (409, "step_not_possible"),
        (409, "step_not_possible"),
        (409, "not_resolved"),
        (409, "outcome_not_possible"),
    ]
    assert await now(books, exception) == before
    assert before["possible_outcomes"] == ["lost", "replaced", "collected", "written_off", "accepted"]


async def test_each_change_is_a_version_and_a_stale_one_is_refused(books: Cashapp) -> None:
    _, receipt = await paid(books)
    exception = await returned(books, receipt)
    evidence = {"kind": "other", "reference": "x"}

    first = await do(books, exception, "evidence", headers={"If-Match": '"1"'}, **evidence)
    stale = await do(books, exception, "evidence", headers={"If-Match": '"1"'}, **evidence)

    assert (first.status_code, first.headers["ETag"], stale.status_code) == (201, '"2"', 412)
    assert [one["reference"] for one in (await now(books, exception))["evidence"]] == ["x"]


async def test_people_who_change_one_exception_at_once_wait_for_each_other(books: Cashapp) -> None:
    _, receipt = await paid(books)
    exception = await returned(books, receipt)

    answers = await asyncio.gather(
        *(do(books, exception, "evidence", kind="other", reference=f"x{number}") for number in range(6))
    )

    assert sorted(answer.headers.get("ETag", answer.text) for answer in answers) == [f'"{n}"' for n in range(2, 8)]
    assert len((await now(books, exception))["evidence"]) == 6


@pytest.mark.parametrize("verb", ["evidence", "contest", "represent", "fail", "resolve", "reopen"])
async def test_only_who_applies_receipts_works_on_exceptions(books: Cashapp, verb: str) -> None:
    bodies = {
        "evidence": {"kind": "other", "reference": "x"},
        "fail": {"value_date": "2026-04-20"},
        "resolve": {"outcome": "accepted"},
        "reopen": {"note": "x"},
    }
    unknown = {"id": "pex_none"}

    for role, status in {"collector": 403, "erp": 403, "auditor": 403, "ar_specialist": 404, "controller": 404}.items():
        answer = await do(books, unknown, verb, role=role, **bodies.get(verb, {}))
        assert answer.status_code == status, (role, answer.text)


async def test_the_worklist_is_sorted_and_filtered(books: Cashapp) -> None:
    exceptions = []
    for amount, deadline_on in (("3100.00", "2027-01-03"), ("3300.00", "2027-01-01"), ("3200.00", "2027-01-02")):
        receipt = await books.receipt(amount, customer_id="C-3")
        exceptions.append(await returned(books, receipt, reason="recalled", deadline_on=deadline_on))
    low, high, middle = (one["id"] for one in exceptions)

    async def listed(**filters: Any) -> list[str]:
        found = await books.get("/v1/payment-exceptions", customer_id="C-3", **filters)
        return [one["id"] for one in found["data"]]

    assert await listed(resolved=False) == [high, middle, low]
    assert await listed(sort="amount") == [high, middle, low]
    assert await listed(sort="amount", min_amount="3150.00", currency="EUR") == [high, middle]
    assert await listed(due_before="2027-01-02") == [high]
    assert await listed(reason="nsf") == await listed(currency="USD") == await listed(status="contested") == []
    first = await books.get("/v1/payment-exceptions", customer_id="C-3", sort="amount", limit=2)
    rest = await listed(sort="amount", limit=2, cursor=first["next_cursor"])
    assert rest == [low]
    await do(books, exceptions[0], "resolve", outcome="collected")
    assert await listed(resolved=True) == await listed(outcome="collected") == [low]


async def test_a_day_flags_each_passed_deadline_once(books: Cashapp) -> None:
    made = [
        await returned(books, await books.receipt("10.00", customer_id="C-2"), deadline_on=day)
        for day in ("2026-07-01", "2026-07-02", "2026-07-01")
    ]
    await do(books, made[2], "resolve", outcome="accepted")

    async def run(day: str) -> dict[str, Any]:
        answer = await books.client.post(f"/v1/days/{day}/run", headers=bearer("controller"))
        assert answer.status_code == 202, answer.text
        await books.work()
        return dict((await books.get(f"/v1/jobs/{answer.json()['id']}"))["result"])

    await run("2026-07-02")
    again = await run("2026-07-02")
    flags = [(await now(books, one))["deadline_passed_on"] for one in made]

    assert flags == ["2026-07-02", None, None]
    assert again["deadlines_passed"] >= 1
    assert (await run("2026-07-02"))["deadlines_passed"] == again["deadlines_passed"]
    late = await books.get("/v1/payment-exceptions", customer_id="C-2", deadline_passed=True)
    assert [one["id"] for one in late["data"]] == [made[0]["id"]]
    steps = (await now(books, made[0]))["steps"]
    assert (steps[-1]["action"], steps[-1]["taken_by"]) == ("deadline_passed", "day_run")
    assert refused(await do(books, made[0], "contest", contested_on="2026-07-03"))[0] == 409


async def test_two_people_cannot_bring_the_same_money_back_twice(books: Cashapp) -> None:
    item, receipt = await paid(books)
    exception = await returned(books, receipt)
    await contested(books, exception)

    answers = await asyncio.gather(
        *(do(books, exception, "resolve", outcome="won", value_date="2026-05-12") for _ in range(4)),
        *(do(books, exception, "resolve", outcome="lost") for _ in range(2)),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    outcome = (await now(books, exception))["outcome"]
    assert (await books.item(item["id"]))["balance"] == {"won": "0.00", "lost": "1000.00"}[outcome]


async def test_two_exceptions_at_once_cannot_take_the_same_receipt(books: Cashapp) -> None:
    credit = await books.receipt("2000.00", customer_id="C-1", value_date="2026-05-12")
    exceptions = []
    for _ in range(2):
        _, receipt = await paid(books)
        exceptions.append(await returned(books, receipt))
        await contested(books, exceptions[-1])

    answers = await asyncio.gather(
        *(do(books, one, "resolve", outcome="won", receipt_id=credit["id"]) for one in exceptions)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_card_is_a_token_and_four_digits_of_a_card_payment(books: Cashapp) -> None:
    body = {"method": "wire", "amount": "5.00", "currency": "EUR", "value_date": "2026-03-20"}
    token = await books.post("/v1/receipts", body | {"card_token": "tok_1"})
    digits = await books.post("/v1/receipts", body | {"method": "card", "card_last4": "11111"})
    number = await books.post("/v1/receipts", body | {"method": "card", "card_token": "4111-1111-1111-1111"})
    card = await books.receipt("5.00", **BY_CARD)

    assert [answer.json()["errors"][0]["field"] for answer in (token, digits, number)] == [
        "card_token",
        "card_last4",
        "card_token",
    ]
    assert number.json()["code"] == "card_number"
    assert (card["card_token"], card["card_last4"]) == ("tok_1N3T00Lkd", "1111")


async def test_the_known_codes_are_listed(books: Cashapp) -> None:
    codes = (await books.get("/v1/payment-exception-reasons", role="collector"))["data"]

    assert {
        "scheme": "nacha",
        "code": "R01",
        "meaning": "Insufficient funds",
        "reason": "nsf",
        "days_to_react": 10,
    } in codes


async def test_money_that_came_back_is_the_same_payers_though_nobody_had_identified_it(books: Cashapp) -> None:
    _, receipt = await paid(books, "70.00", method="cheque")
    exception = await returned(books, receipt, reason="nsf")
    unidentified = await books.receipt("70.00", value_date="2026-04-20")

    answer = await do(books, exception, "resolve", outcome="replaced", receipt_id=unidentified["id"])
    others = await books.apply(
        unidentified, takes(await books.invoice("PEX-OTHER", "70.00", customer_id="C-2"), "70.00")
    )

    assert answer.status_code == 200, answer.text
    assert (await books.receipt_now(unidentified))["customer_id"] == "C-1"
    assert refused(others) == (422, "foreign_item")


async def test_the_days_that_won_money_was_away_count_for_no_group_either(books: Cashapp) -> None:
    group = {"kind": "customer", "members": ["C-3"], "item_pct": "0", "receipt_pct": "0", "discount_grace_days": 1}
    put = await books.client.put("/v1/tolerance-groups/STRICT", json=group, headers=bearer("admin"))
    assert put.status_code == 201, put.text
    item = await books.invoice("PEX-GROUP", "100.00", customer_id="C-3", payment_terms="2/20 net 30")
    receipt = await books.receipt("98.00", customer_id="C-3", **BY_CARD)
    await books.apply(receipt, takes(item, "98.00", discount="2.00"))
    exception = await returned(books, receipt)
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12", resolved_on="2026-05-12")

    assert answer.status_code == 200, answer.text
    assert (await books.item(item["id"]))["balance"] == "0.00"


async def charged(books: Cashapp, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a contested chargeback and its fee, which the customer was charged."""
    _, receipt = await paid(books, **BY_CARD)
    exception = await returned(books, receipt, fee="25.00", **fields)
    await contested(books, exception)
    return exception, await books.item(exception["fee_item_id"])


async def test_the_fee_of_a_won_chargeback_is_credited_back(books: Cashapp) -> None:
    exception, fee = await charged(books)
    fees = (await books.trial_balance())["fees"]

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")

    memo = await books.item(answer.json()["fee_credit_item_id"])
    assert (memo["kind"], memo["amount"], memo["balance"]) == ("credit_memo", "-25.00", "0.00")
    assert (memo["number"], memo["refers_to"]) == (f"{fee['number']}-C", fee["number"])
    assert (memo["issue_date"], memo["reason_code"]) == ("2026-05-12", "chargeback_won")
    assert (await books.item(fee["id"]))["status"] == "cleared"
    assert (await books.trial_balance()).get("fees", 0) == fees + 25
    told = [one["kind"] for one in (await books.get(f"/v1/items/{fee['id']}/history"))["steps"]]
    assert told == ["issue", "credit"]


async def test_what_was_paid_of_the_fee_is_owed_to_the_customer_when_it_is_credited(books: Cashapp) -> None:
    exception, fee = await charged(books)
    await books.apply(await books.receipt("10.00", customer_id="C-1", value_date="2026-04-10"), takes(fee, "10.00"))

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")

    assert (await books.item(fee["id"]))["balance"] == "0.00"
    assert (await books.item(answer.json()["fee_credit_item_id"]))["balance"] == "-10.00"


@pytest.mark.parametrize(
    ("outcome", "fields"),
    [("won", {"value_date": "2026-05-12", "credit_fee": False}), ("lost", {})],
    ids=["not wanted", "lost"],
)
async def test_a_fee_stands_where_the_chargeback_was_lost_or_its_credit_is_not_wanted(
    books: Cashapp, outcome: str, fields: dict[str, Any]
) -> None:
    exception, fee = await charged(books)

    answer = await do(books, exception, "resolve", outcome=outcome, **fields)

    assert (answer.status_code, answer.json()["fee_credit_item_id"]) == (200, None), answer.text
    assert (await books.item(fee["id"]))["balance"] == "25.00"


async def test_the_fee_of_a_payment_that_cleared_only_when_presented_again_stands(books: Cashapp) -> None:
    _, receipt = await paid(books, method="cheque")
    exception = await returned(books, receipt, reason="nsf", fee="25.00")
    await do(books, exception, "represent", represented_on="2026-04-10")

    answer = await do(books, exception, "resolve", outcome="represented", value_date="2026-04-14")

    assert (answer.status_code, answer.json()["fee_credit_item_id"]) == (200, None), answer.text
    assert (await books.item(exception["fee_item_id"]))["balance"] == "25.00"


async def test_a_fee_that_the_company_bore_is_credited_to_nobody(books: Cashapp) -> None:
    _, receipt = await paid(books, **BY_CARD)
    exception = await returned(books, receipt, fee="25.00", fee_borne_by="company")
    await contested(books, exception)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")

    assert (answer.status_code, answer.json()["fee_credit_item_id"]) == (200, None)


async def send_file(
    books: Cashapp,
    exception: dict[str, Any],
    content: bytes,
    *,
    name: str = "cmr.pdf",
    role: str = "ar_specialist",
    **form: str,
) -> httpx.Response:
    """Send a file as evidence."""
    return await books.client.post(
        f"/v1/payment-exceptions/{exception['id']}/evidence/files",
        data={"kind": "delivery_proof"} | form,
        files={"file": (name, content, "application/pdf")},
        headers=bearer(role),
    )


async def test_a_file_is_evidence_and_is_given_back_to_the_letter(books: Cashapp) -> None:
    _, receipt = await paid(books, **BY_CARD)
    exception = await returned(books, receipt)
    content = b"%PDF-1.7 \x00 signed"

    added = await send_file(books, exception, content, name="../Lieferschein 17.pdf", note="Signed CMR")
    contest = await do(books, exception, "contest", contested_on="2026-04-20")

    assert added.status_code == 201, added.text
    (evidence,) = added.json()["evidence"]
    assert (evidence["file_name"], evidence["reference"]) == ("Lieferschein 17.pdf", "Lieferschein 17.pdf")
    assert (evidence["size_bytes"], evidence["kind"], evidence["note"]) == (
        len(content),
        "delivery_proof",
        "Signed CMR",
    )
    assert contest.status_code == 200, contest.text
    path = f"/v1/payment-exceptions/{exception['id']}/evidence/{evidence['id']}/content"
    found = await books.client.get(path, headers=bearer("auditor"))
    assert (found.content, found.headers["content-type"]) == (content, "application/pdf")
    assert found.headers["content-disposition"].startswith("attachment;")


async def test_a_file_that_cannot_be_evidence_is_refused_and_leaves_no_trace(books: Cashapp) -> None:
    _, receipt = await paid(books, **BY_CARD)
    exception = await returned(books, receipt)

    empty = await send_file(books, exception, b"")
    card = await send_file(books, exception, b"card 4111 1111 1111 1111", name="slip.txt")
    kind = await send_file(books, exception, b"x", kind="rumour")
    reader = await send_file(books, exception, b"x", role="auditor")

    assert [one.status_code for one in (empty, card, kind, reader)] == [422, 422, 422, 403]
    assert [one["field"] for one in empty.json()["errors"]] == ["file"]
    assert (await now(books, exception))["evidence"] == []


async def test_evidence_without_a_file_or_of_another_exception_has_nothing_to_download(books: Cashapp) -> None:
    exceptions = [await returned(books, (await paid(books, **BY_CARD))[1]) for _ in range(2)]
    await do(books, exceptions[0], "evidence", kind="contract", reference="DMS 1")
    filed = (await send_file(books, exceptions[1], b"%PDF")).json()["evidence"][0]["id"]
    kept = (await now(books, exceptions[0]))["evidence"][0]["id"]

    answers = [
        await books.client.get(
            f"/v1/payment-exceptions/{exceptions[0]['id']}/evidence/{one}/content", headers=bearer("auditor")
        )
        for one in (kept, filed, "pev_none")
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "evidence_not_found")}


async def given_up(books: Cashapp, fee: dict[str, Any], amount: str) -> None:
    """Write a part of a fee off."""
    body = {"items": [{"item_id": fee["id"], "amount": amount}], "reason_code": "uncollectible", "evidence": ["Letter"]}
    asked = (await books.post("/v1/write-offs", body, role="ar_specialist")).json()
    answer = await books.post(
        f"/v1/write-offs/{asked['id']}/approve", {"posting_date": "2026-04-22"}, role="controller"
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("amount", "credited"), [("20.00", ["-5.00"]), ("25.00", [])], ids=["a part", "all"])
async def test_what_was_written_off_of_a_fee_is_given_back_to_nobody(
    books: Cashapp, amount: str, credited: list[str]
) -> None:
    exception, fee = await charged(books)
    await given_up(books, fee, amount)

    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")

    assert answer.status_code == 200, answer.text
    memo_id = answer.json()["fee_credit_item_id"]
    assert [(await books.item(one))["amount"] for one in (memo_id,) if one] == credited
    assert (await books.item(fee["id"]))["balance"] == "0.00"


async def credited_by_dispute(books: Cashapp, amount: str, **disputed: tuple[dict[str, Any], str]) -> None:
    """Have a case over documents, each with what is disputed of it, decided by a credit memo."""
    number = f"DSP-{next(NUMBERS)}"
    items = [
        DisputedItem(
            item_id=item["id"],
            number=item["number"],
            original_amount=Decimal(of_item),
            disputed_amount=Decimal(of_item),
            credited_amount=Decimal(0),
            paid_amount=Decimal(0),
        )
        for item, of_item in disputed.values()
    ]
    opened = DisputeState(
        dispute_id=f"dsp_{number}",
        number=number,
        customer_id="C-1",
        status="new",
        reason_code="other",
        source="call",
        currency="EUR",
        disputed_amount=sum((one.disputed_amount for one in items), Decimal(0)),
        items=items,
        opened_on=date(2026, 4, 8),
        due_on=date(2026, 5, 8),
    )
    decision = {
        "status": "resolved",
        "outcome": "valid",
        "resolution": "credit_memo",
        "resolved_amount": Decimal(amount),
        "resolved_on": date(2026, 4, 22),
    }
    for event in (
        DisputeOpened(version=1, dispute=opened),
        DisputeResolved(version=2, dispute=opened.model_copy(update=decision)),
    ):
        async with books.units.begin() as uow:
            await SUBSCRIPTIONS[type(event)](uow, event)


async def given_back(books: Cashapp, exception: dict[str, Any]) -> list[str]:
    """Win a chargeback, and return the credit of its fee, where there is one."""
    answer = await do(books, exception, "resolve", outcome="won", value_date="2026-05-12")
    assert answer.status_code == 200, answer.text
    return [(await books.item(one))["amount"] for one in (answer.json()["fee_credit_item_id"],) if one]


@pytest.mark.parametrize(
    ("paid_of_it", "credited", "credit"),
    [("10.00", "25.00", []), ("10.00", "15.00", ["-10.00"]), ("25.00", "25.00", []), ("25.00", "5.00", ["-20.00"])],
    ids=["all", "what was open", "all of a paid one", "a part of a paid one"],
)
async def test_what_a_dispute_credited_of_a_fee_is_not_given_back_twice(
    books: Cashapp, paid_of_it: str, credited: str, credit: list[str]
) -> None:
    exception, fee = await charged(books)
    money = await books.receipt(paid_of_it, customer_id="C-1", value_date="2026-04-10")
    await books.apply(money, takes(fee, paid_of_it))
    await credited_by_dispute(books, credited, fee=(fee, "25.00"))

    assert await given_back(books, exception) == credit
    assert (await books.item(fee["id"]))["balance"] == "0.00"


async def test_what_a_dispute_over_other_documents_credits_beyond_them_is_none_of_the_fee(books: Cashapp) -> None:
    exception, fee = await charged(books)
    other = await books.invoice(f"PEX-{next(NUMBERS)}", "100.00")
    for item, amount in ((fee, "25.00"), (other, "100.00")):
        await books.apply(await books.receipt(amount, customer_id="C-1"), takes(item, amount))
    await credited_by_dispute(books, "60.00", other=(other, "50.00"), fee=(fee, "10.00"))

    assert await given_back(books, exception) == ["-15.00"]


async def test_a_fee_that_is_owed_again_after_its_dispute_is_credited_only_as_far_as_it_is_not_already(
    books: Cashapp,
) -> None:
    exception, fee = await charged(books)
    money = await books.receipt("15.00", customer_id="C-1", value_date="2026-04-10")
    await books.apply(money, takes(fee, "15.00"))
    await credited_by_dispute(books, "20.00", fee=(fee, "25.00"))
    await returned(books, money, reason="nsf", value_date="2026-04-28")

    assert await given_back(books, exception) == ["-5.00"]
    # The rest of it is covered by the memo of the dispute, of which as much is open.
    assert (await books.item(fee["id"]))["balance"] == "10.00"
