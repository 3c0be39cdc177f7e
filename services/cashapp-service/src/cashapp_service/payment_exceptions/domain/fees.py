"""What a return cost, charged to whoever had paid, and credited back where the payment turns out to have been good.

The one thing to know: the credit is a memo of its own over the whole fee, but for what was given up of it, that nobody paid, and
for what a decided dispute has credited for it already. It is netted with what is open of the fee; what was paid of it is owed to
the customer, to be refunded or netted with other items.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from cashapp_service.items.domain.issue import issue_entry
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, ItemPosting, Line
from cashapp_service.receipts.domain import Receipt
from shared.ids import new_id
from shared.money import Money

CREDIT_REASON = "chargeback_won"
GIVEN_UP = frozenset({"write_off", "tolerance", "discount"})


def fee_number(receipt: Receipt) -> str:
    """Return the number of the debit memo of a receipt's first return; that of a later one has a count behind it."""
    return f"FEE-{receipt.receipt_id.removeprefix('rcp_')}"


def fee_item(receipt: Receipt, fee: Money, customer_id: str, number: str, on: date) -> Item:
    """Return the debit memo by which a customer is charged for the return of a payment; due at once."""
    return Item(
        item_id=new_id("itm"),
        company_code=receipt.company_code,
        number=number,
        kind="debit_memo",
        customer_id=customer_id,
        issue_date=on,
        due_date=on,
        postable_from=on,
        amount=fee.amount,
        currency=fee.currency,
        reference=receipt.receipt_id,
    )


def to_give_back(fee: Item, postings: Iterable[ItemPosting], *, credited: Decimal) -> Decimal:
    """Return what a customer was charged and has paid or owes still.

    That is not what was written off, nor what decided disputes have `credited` for it, whether that was open still or paid.
    """
    given_up = -sum((one.amount for one in postings if one.kind in GIVEN_UP), Decimal(0))
    return max(fee.amount - given_up - credited, Decimal(0))


def fee_credit(fee: Item, amount: Decimal, number: str, on: date) -> Item:
    """Return the credit memo over what is given back of a fee."""
    return Item(
        item_id=new_id("itm"),
        company_code=fee.company_code,
        number=number,
        kind="credit_memo",
        customer_id=fee.customer_id,
        issue_date=on,
        due_date=on,
        postable_from=on,
        amount=-amount,
        currency=fee.currency,
        reference=fee.reference,
        reason_code=CREDIT_REASON,
        refers_to=fee.number,
    )


def fee_credit_entries(memo: Item, fee: Item) -> list[Entry]:
    """Return the entries that post the credit of a fee and net it with what is open of the fee."""
    entries = [issue_entry([memo], contra=Account.FEES)]
    netted = min(fee.balance, -memo.amount)
    if netted:
        entries.append(
            Entry(
                kind="credit",
                posting_date=max(memo.postable_from, fee.postable_from),
                company_code=fee.company_code,
                currency=fee.currency,
                lines=(_netted(fee, -netted), _netted(memo, netted)),
            )
        )
    return entries


def _netted(item: Item, amount: Decimal) -> Line:
    return Line(
        account=Account.RECEIVABLES, amount=amount, kind="credit", customer_id=item.customer_id, item_id=item.item_id
    )
