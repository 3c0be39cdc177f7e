"""What of a prepayment goes to which items of its order."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cashapp_service.incoming_payments.domain import for_order
from cashapp_service.items.domain.item import Item
from cashapp_service.receipts.domain import Receipt

DAY = date(2026, 3, 1)
RECEIPT = Receipt(
    receipt_id="rcp_1",
    method="wire",
    company_code="1000",
    customer_id="C-1",
    amount=Decimal(100),
    on_account=Decimal(100),
    currency="EUR",
    value_date=DAY,
    postable_from=DAY,
    order_id="SO-1",
)


def item(number: str, **fields: Any) -> Item:
    usual: dict[str, Any] = {
        "item_id": number,
        "company_code": "1000",
        "number": number,
        "kind": "invoice",
        "customer_id": "C-1",
        "issue_date": DAY,
        "due_date": DAY,
        "postable_from": DAY,
        "amount": Decimal(80),
        "balance": Decimal(80),
        "currency": "EUR",
        "order_id": "SO-1",
    }
    return Item(**(usual | fields))


def test_the_earliest_due_is_paid_first_and_the_last_in_part() -> None:
    wanted = for_order(RECEIPT, [item("B", due_date=date(2026, 4, 1)), item("A", due_date=date(2026, 3, 5))])

    assert [(one.item_id, one.amount) for one in wanted] == [("A", Decimal(80)), ("B", Decimal(20))]


@pytest.mark.parametrize(
    "other",
    [{"customer_id": "C-2"}, {"currency": "USD"}, {"company_code": "2000"}, {"order_id": "SO-2"}, {"order_id": None}],
    ids=["customer", "currency", "company", "order", "no order"],
)
def test_an_item_that_is_not_surely_meant_is_left_and_keeps_none_from_the_others(other: dict[str, Any]) -> None:
    wanted = for_order(RECEIPT, [item("A", **other), item("B")])

    assert [one.item_id for one in wanted] == ["B"]


def test_a_credit_memo_takes_no_prepayment() -> None:
    assert for_order(RECEIPT, [item("A", kind="credit_memo", amount=Decimal(-80), balance=Decimal(-80))]) == ()
