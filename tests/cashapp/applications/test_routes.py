from tests.cashapp.driver import Cashapp, kinds, takes


async def test_a_receipt_that_pays_an_invoice_in_full_clears_it(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "1000.00"))

    assert answer.status_code == 201, answer.text
    assert answer.json()["receipt"]["status"] == "applied"
    now = await cashapp.item(item["id"])
    assert (now["status"], now["balance"]) == ("cleared", "0.00")
    assert now["applications"][0]["amount"] == "1000.00"
    assert await cashapp.violations() == []
    assert kinds(await cashapp.events()) == ["item.posted", "payment.received", "payment.applied", "item.cleared"]


async def test_a_remittance_that_proves_itself_is_applied_at_once(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-2026-00017", "1000.00")

    receipt = await cashapp.receipt(remittance=[{"number": "RE 2026/17", "amount": "1000.00"}])

    assert receipt["status"] == "applied", receipt
    assert receipt["customer_id"] == "C-1"
    assert await cashapp.violations() == []
