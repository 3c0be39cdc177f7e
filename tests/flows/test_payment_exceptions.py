"""Payments that come back, told through the gateway: each by its scheme's code, to its end, with its fee, items and dispute."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.flows.receivables import PAID_ON, applied, code, receipt_now, received, takes
from tests.flows.world import World, eventually

pytestmark = pytest.mark.stack

CARD = {"method": "card", "card_token": "tok_8", "card_last4": "4242"}
BACK_ON = PAID_ON + timedelta(days=3)


def day(after: int) -> str:
    """Return the day so many days after the return."""
    return (BACK_ON + timedelta(days=after)).isoformat()


async def paid(world: World, customer: str, amount: str = "400.00", **receipt: Any) -> tuple[Any, Any]:
    """Return an item of 400 and the receipt that paid it; what is paid short of it is disputed."""
    item = await world.invoice(customer, "400.00")
    money = await received(world, customer, amount, **receipt)
    short = {} if amount == "400.00" else {"shortfall": "dispute", "reason_code": "price"}
    await applied(world, money, takes(item, amount, **short))
    return item, money


async def back(world: World, receipt: Any, reason_code: str, fee: str = "15.00") -> Any:
    """Have the bank take a payment back and return its exception."""
    body = {"reason_code": reason_code, "value_date": BACK_ON.isoformat(), "fee": fee}
    answer = await world.ask("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=body)
    return answer["payment_exception"]


async def do(world: World, exception: Any, step: str, **body: Any) -> Any:
    """Take a step that must be possible."""
    return await world.ask("ar_specialist", "POST", f"/v1/payment-exceptions/{exception['id']}/{step}", json=body)


async def refused(world: World, exception: Any, step: str, **body: Any) -> tuple[int, str]:
    """Return how a step is refused."""
    return await code(world, "ar_specialist", f"/v1/payment-exceptions/{exception['id']}/{step}", body)


async def contested(world: World, exception: Any, after: int) -> None:
    """Contest a return with evidence."""
    await do(world, exception, "evidence", kind="delivery_proof", reference="POD-18")
    await do(world, exception, "contest", contested_on=day(after))


async def settle(world: World, customer: str, *documents: Any) -> None:
    """Have the customer pay by wire what is open of documents."""
    open_of = [await world.item(one) for one in documents]
    money = await received(world, customer, str(sum(Decimal(one["balance"]) for one in open_of)))
    await applied(world, money, *(takes(one, one["balance"]) for one in open_of))


async def test_a_stopped_cheque_ends_the_dispute_of_what_it_paid_and_is_presented_once_more_at_most(
    world: World,
) -> None:
    customer = await world.customer()
    item, cheque = await paid(world, customer, "350.00", method="cheque")

    async def case_is(*statuses: str) -> None:
        cases = await world.get("dispute_coordinator", "/v1/disputes", customer_id=customer)
        assert [one["status"] in statuses for one in cases["data"]] == [True], cases

    await eventually(lambda: case_is("new", "in_process"))
    exception = await back(world, cheque, "C", fee="12.00")
    assert (exception["reason"], exception["scheme"], exception["deadline_on"]) == ("stopped", "x9", day(10))
    await do(world, exception, "represent", represented_on=day(1))
    await do(world, exception, "fail", value_date=day(4))

    assert await refused(world, exception, "represent", represented_on=day(5)) == (409, "step_not_possible")
    assert await refused(world, exception, "contest", contested_on=day(5)) == (409, "step_not_possible")
    found = await world.get("ar_specialist", f"/v1/payment-exceptions/{exception['id']}")
    assert (found["deadline_on"], found["presentations"], found["status"]) == (day(14), 1, "open")
    assert ((await world.item(item))["balance"], (await receipt_now(world, cheque))["status"]) == ("400.00", "returned")
    await eventually(lambda: case_is("void"))
    await settle(world, customer, item, {"id": exception["fee_item_id"]})
    await do(world, exception, "resolve", outcome="replaced", resolved_on=day(6))
    await world.expect_exposure(customer, total="0.00")


@pytest.mark.parametrize(
    ("method", "reason_code", "scheme"),
    [("direct_debit", "MD06", "iso20022"), ("ach", "R10", "nacha")],
    ids=["SEPA", "ACH"],
)
async def test_a_recalled_debit_is_owed_again_and_can_only_be_paid_in_another_way(
    world: World, method: str, reason_code: str, scheme: str
) -> None:
    customer = await world.customer()
    item, debit = await paid(world, customer, method=method)

    exception = await back(world, debit, reason_code)

    assert (exception["reason"], exception["scheme"], exception["deadline_on"]) == ("recalled", scheme, day(10))
    assert await refused(world, exception, "represent", represented_on=day(1)) == (409, "step_not_possible")
    assert await refused(world, exception, "contest", contested_on=day(1)) == (409, "step_not_possible")
    won = await refused(world, exception, "resolve", outcome="won", value_date=day(9), resolved_on=day(9))
    assert won == (409, "outcome_not_possible")
    await do(world, exception, "resolve", outcome="accepted", resolved_on=day(2))
    assert (await world.item(item))["balance"] == "400.00"
    await world.expect_exposure(customer, open_items="415.00")


async def test_a_card_error_that_is_presented_again_in_vain_is_contested_and_won(world: World) -> None:
    customer = await world.customer()
    item, card = await paid(world, customer, **CARD)
    exception = await back(world, card, "11.2")
    assert (exception["reason"], exception["scheme"], exception["deadline_on"]) == ("card_error", "visa", day(5))

    await do(world, exception, "represent", represented_on=day(1))
    await do(world, exception, "fail", value_date=day(3))
    await contested(world, exception, 7)
    won = await do(world, exception, "resolve", outcome="won", value_date=day(20), resolved_on=day(20))

    assert ((await world.item(item))["status"], (await receipt_now(world, card))["status"]) == ("cleared", "returned")
    money = await receipt_now(world, {"id": won["recovery_receipt_id"]})
    assert (money["status"], money["amount"], money["card_last4"]) == ("applied", "400.00", "4242")
    fee, credit = [await world.item({"id": won[name]}) for name in ("fee_item_id", "fee_credit_item_id")]
    assert [(one["amount"], one["balance"]) for one in (fee, credit)] == [("15.00", "0.00"), ("-15.00", "0.00")]
    await world.expect_exposure(customer, total="0.00")


async def test_a_lost_chargeback_leaves_item_and_fee_to_be_paid_and_is_over(world: World) -> None:
    customer = await world.customer()
    item, card = await paid(world, customer, **CARD)
    exception = await back(world, card, "10.4", fee="25.00")
    assert (exception["reason"], exception["scheme"], exception["deadline_on"]) == ("chargeback", "visa", day(30))

    late = await refused(world, exception, "contest", contested_on=day(31))
    unproved = await refused(world, exception, "contest", contested_on=day(7))
    await contested(world, exception, 30)
    await do(world, exception, "resolve", outcome="lost", resolved_on=day(45))

    assert [late, unproved] == [(409, "deadline_passed"), (409, "evidence_missing")]
    again = await refused(world, exception, "resolve", outcome="won", value_date=day(46), resolved_on=day(46))
    assert again == (409, "already_resolved")
    await world.expect_exposure(customer, open_items="425.00")
    await settle(world, customer, item, {"id": exception["fee_item_id"]})
    await world.expect_exposure(customer, total="0.00")


async def test_a_chargeback_over_a_part_leaves_the_rest_paid_and_the_part_to_be_won(world: World) -> None:
    customer = await world.customer()
    item, card = await paid(world, customer, **CARD)
    path = f"/v1/receipts/{card['id']}/return"
    body = {"reason_code": "13.3", "value_date": BACK_ON.isoformat(), "amount": "150.00"}

    too_much = await code(world, "ar_specialist", path, body | {"amount": "400.01"})
    exception = (await world.ask("ar_specialist", "POST", path, json=body))["payment_exception"]

    assert too_much == (409, "return_exceeds_receipt")
    assert (exception["amount"], exception["reason"]) == ("150.00", "chargeback")
    await world.expect_exposure(customer, open_items="150.00", total="150.00")
    await contested(world, exception, 7)
    await do(world, exception, "resolve", outcome="won", value_date=day(20), resolved_on=day(20))
    await world.expect_exposure(customer, total="0.00")
    assert [(await world.item(item))["status"], (await receipt_now(world, card))["returned"]] == ["cleared", "150.00"]
    await world.books_agree()


async def test_a_claim_goes_on_through_a_part_that_is_charged_back_and_the_rest_that_is_won(world: World) -> None:
    customer = await world.customer()
    item, card = await paid(world, customer, "350.00", **CARD)

    async def case(status: str, disputed: str) -> Any:
        cases = (await world.get("dispute_coordinator", "/v1/disputes", customer_id=customer))["data"]
        assert [(one["status"], one["disputed_amount"]) for one in cases] == [(status, disputed)]
        assert (await world.item(item))["disputed_amount"] == disputed
        return cases[0]

    opened = await eventually(lambda: case("new", "50.00"))
    path = f"/v1/disputes/{opened['id']}/assign"
    await world.ask("dispute_coordinator", "POST", path, json={"coordinator": "ada"})
    body = {"reason_code": "13.3", "value_date": BACK_ON.isoformat(), "amount": "100.00"}
    await world.ask("ar_specialist", "POST", f"/v1/receipts/{card['id']}/return", json=body)

    async def goes_on() -> Any:
        found = await case("in_process", "50.00")
        history = (await world.get("dispute_coordinator", f"/v1/disputes/{opened['id']}"))["history"]
        assert [one["action"] for one in history] == ["open", "assign", "void", "reopen"]
        return found

    assert (await eventually(goes_on))["coordinator"] == "ada"
    assert (await world.item(item))["balance"] == "150.00"
    rest = await back(world, card, "10.4")
    await eventually(lambda: case("void", "0.00"))
    await contested(world, rest, 7)
    await do(world, rest, "resolve", outcome="won", value_date=day(20), resolved_on=day(20))
    assert (await eventually(lambda: case("in_process", "50.00")))["coordinator"] == "ada"
    assert (await world.item(item))["balance"] == "150.00"
    await world.books_agree()
