
from tests.dispute.desk import Desk, amounts
from tests.dispute.ledger import Ledger


async def test_a_case_is_opened_on_an_item(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))

    answer = await desk.open(("itm_1", "50.00"), reason_code="Price")

    case = answer.json()
    assert answer.status_code == 201
    assert (case["number"], case["status"], case["reason_code"]) == ("DSP-000001", "new", "price")
    assert (case["disputed_amount"], case["currency"], case["due_on"]) == ("50.00", "EUR", "2026-03-12")
    assert amounts(case) == {
        "original": "50.00",
        "disputed": "50.00",
        "credited": "0.00",
        "paid": "0.00",
        "denied": "0.00",
    }
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/disputes/{case['id']}"
    assert await desk.told() == [("dispute.opened", 1, "new")]


async def test_a_valid_claim_closes_when_its_credit_memo_is_applied(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
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
