from tests.dispute.desk import Desk, amounts, conserved
from tests.dispute.ledger import Ledger


async def claimed(desk: Desk, ledger: Ledger, amount: str = "50.00", *, balance: str = "1000.00") -> str:
    await desk.hear(ledger.post("itm_1", balance))
    return await desk.opened(("itm_1", amount))


async def test_a_valid_claim_closes_when_its_credit_memo_is_applied(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    resolved = (await desk.resolve(dispute_id, "50.00")).json()
    await desk.hear(ledger.credit("itm_1", "50.00", dispute_id))

    case = await desk.case(dispute_id)
    assert resolved["status"] == "resolved"
    assert (case["status"], case["disputed_amount"], case["root_cause"]) == ("closed", "0.00", "old_price_list")
    assert amounts(case)["credited"] == "50.00"
    assert await desk.told() == [
        ("dispute.opened", 1, "new"),
        ("dispute.resolved", 2, "resolved"),
        ("dispute.closed", 3, "closed"),
    ]


async def test_the_part_that_is_not_granted_is_owed_again_at_once(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)

    case = (await desk.resolve(dispute_id, "30.00", outcome="partially_valid")).json()

    assert (case["status"], case["disputed_amount"], case["resolved_amount"]) == ("resolved", "30.00", "30.00")
    assert amounts(case)["denied"] == "20.00"
    await desk.hear(ledger.credit("itm_1", "30.00", dispute_id))
    assert (await desk.case(dispute_id))["status"] == "closed"


async def test_half_of_the_credit_does_not_close_the_case(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    await desk.resolve(dispute_id, "50.00")
    await desk.hear(ledger.credit("itm_1", "49.99", dispute_id))

    case = await desk.case(dispute_id)
    assert (case["status"], case["disputed_amount"]) == ("resolved", "0.01")


async def test_a_credit_of_another_case_is_a_payment_for_this_one(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger, "1000.00")
    await desk.hear(ledger.credit("itm_1", "400.00", "dsp_other"))

    assert amounts(await desk.case(dispute_id))["credited"] == "0.00"


async def test_an_invalid_claim_closes_at_once_and_is_owed_again(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)

    case = (await desk.resolve(dispute_id, "50.00", outcome="invalid", resolution="collect")).json()

    assert (case["status"], case["disputed_amount"]) == ("closed", "0.00")
    assert amounts(case)["denied"] == "50.00"
    assert await desk.told() == [
        ("dispute.opened", 1, "new"),
        ("dispute.resolved", 2, "resolved"),
        ("dispute.closed", 3, "closed"),
    ]


async def test_a_decision_needs_the_authority_for_its_amount(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger, "5000.01", balance="9000.00")

    refused = await desk.resolve(dispute_id)
    taken = await desk.resolve(dispute_id, role="controller")

    assert (refused.status_code, refused.json()["code"]) == (403, "authority_exceeded")
    assert taken.status_code == 200


async def test_nobody_resolves_for_more_than_is_disputed(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)

    answer = await desk.resolve(dispute_id, "50.01")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "amount")


async def test_an_amount_finer_than_the_currency_is_refused(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)

    answer = await desk.resolve(dispute_id, "0.005", outcome="partially_valid")

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_decimals")


async def test_a_decision_does_not_lie_before_the_claim(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)

    answer = await desk.resolve(dispute_id, resolved_on="2026-03-01")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "resolved_on")


async def test_a_rebilled_case_is_closed_by_hand(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    await desk.resolve(dispute_id, resolution="rebill")

    closed = await desk.do(dispute_id, "close", note="rebilled")

    assert (closed.json()["status"], amounts(closed.json())["denied"]) == ("closed", "50.00")


async def test_a_denied_claim_can_be_taken_up_again(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    await desk.resolve(dispute_id, outcome="invalid", resolution="collect")

    case = (await desk.do(dispute_id, "reopen", reason="new evidence")).json()

    assert (case["status"], case["disputed_amount"], case["outcome"]) == ("in_process", "50.00", None)
    assert (await desk.told())[-1] == ("dispute.opened", 4, "in_process")


async def test_a_case_whose_items_are_paid_is_not_reopened(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    await desk.resolve(dispute_id, outcome="invalid", resolution="collect")
    await desk.hear(ledger.pay("itm_1", "1000.00"))

    answer = await desk.do(dispute_id, "reopen", reason="new evidence")

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_left_to_dispute")
    assert (await desk.case(dispute_id))["status"] == "closed"


async def test_a_case_is_not_reopened_while_its_credit_memo_is_on_the_way(desk: Desk, ledger: Ledger) -> None:
    dispute_id = await claimed(desk, ledger)
    await desk.resolve(dispute_id)

    assert (await desk.do(dispute_id, "reopen", reason="a mistake")).status_code == 409


async def test_a_decision_on_several_items_grants_the_first_items_first(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "10.00"), ledger.post("itm_2", "20.00"))
    dispute_id = await desk.opened(("itm_1", None), ("itm_2", None))

    case = (await desk.resolve(dispute_id, "15.00", outcome="partially_valid")).json()

    assert [item["disputed_amount"] for item in case["items"]] == ["10.00", "5.00"]
    assert conserved(case)
