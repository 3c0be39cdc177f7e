"""What a bank does with card payments that came in: it takes parts of them back."""

from itertools import count
from typing import Any

import httpx

from tests.cashapp.driver import Cashapp, takes

NUMBERS = count(1)
BY_CARD = {"customer_id": "C-1", "method": "card", "card_token": "tok_9", "card_last4": "1111"}


async def paid(books: Cashapp, *amounts: str, of: str = "1000.00", **terms: Any) -> tuple[Any, list[Any], list[str]]:
    """Return a receipt by card, the items that it paid one after the other, and its applications."""
    receipt = await books.receipt(of, **BY_CARD)
    items, applications = [], []
    for amount in amounts:
        items.append(await books.invoice(f"PRT-{next(NUMBERS)}", amount, **terms))
        answer = await books.apply(receipt, takes(items[-1], amount))
        assert answer.status_code == 201, answer.text
        applications.append(answer.json()["id"])
    return receipt, items, applications


async def back(books: Cashapp, receipt: Any, amount: str | None = None, **fields: Any) -> httpx.Response:
    """Have the bank take a part of a receipt back, or what is there of it."""
    body = {"reason": "chargeback", "value_date": "2026-04-07", "amount": amount} | fields
    return await books.post(f"/v1/receipts/{receipt['id']}/return", body, role="ar_specialist")


async def opened(books: Cashapp, receipt: Any, amount: str | None = None, **fields: Any) -> Any:
    """Return the exception of a part that came back, or of the whole, in detail."""
    answer = await back(books, receipt, amount, **fields)
    assert answer.status_code == 201, answer.text
    return await books.get(f"/v1/payment-exceptions/{answer.json()['payment_exception']['id']}")


async def balances(books: Cashapp, items: list[Any]) -> list[str]:
    """Return what is open of items."""
    return [(await books.item(one["id"]))["balance"] for one in items]


async def parts(books: Cashapp, receipt: Any) -> tuple[str, ...]:
    """Return where a receipt stands: its status, and what is applied, unapplied and returned of it."""
    now = await books.receipt_now(receipt)
    return tuple(now[name] for name in ("status", "applied", "unapplied", "returned"))
