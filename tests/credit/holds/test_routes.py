from tests.credit.desk import CreditDesk


async def test_holds_are_listed_oldest_first_by_state_customer_and_order(desk: CreditDesk) -> None:
    for customer in ("C-1", "C-2"):
        await desk.customer(customer, limit="1.00")
        for number in range(3):
            await desk.check(customer, f"{customer}-{number}", "10.00")
    await desk.ask("erp", "POST", "/v1/orders/C-1-0/cancel")

    pages, cursor = [], None
    while True:
        params = {"status": "open", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await desk.ask("credit_analyst", "GET", "/v1/holds", params=params)
        pages.append([hold["order_id"] for hold in page["data"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert pages == [["C-1-1", "C-1-2"], ["C-2-0", "C-2-1"], ["C-2-2"]]
    assert [hold["order_id"] for hold in await desk.holds("C-1", status="closed")] == ["C-1-0"]
    assert [hold["status"] for hold in await desk.holds("C-2", order_id="C-2-1")] == ["open"]


async def test_a_hold_keeps_its_number_while_its_reasons_change(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1.00")
    first = (await desk.check("C-1", "SO-1", "10.00")).json()
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})

    second = (await desk.check("C-1", "SO-1", "11.00")).json()

    assert second["hold_id"] == first["hold_id"]
    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "account_blocked"]
