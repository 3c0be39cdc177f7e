"""The entry by which items get into the books.

The one thing to know: it is one for all items of a document. What they come to without tax stands against revenue, sales
deductions or down payments, by their kind; what makes items for another reason names the account itself.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line

ZERO = Decimal(0)
CONTRA_OF = {"credit_memo": Account.CREDIT_MEMOS, "down_payment_request": Account.DOWN_PAYMENTS}


def issue_entry(
    items: Sequence[Item],
    *,
    contra: Account | None = None,
    dispute_id: str | None = None,
    value_date: date | None = None,
) -> Entry:
    """Return the entry that posts the items of one document: the net amount to revenue, sales deductions, down payments or
    `contra`, the tax in it to its own account.
    """
    first = items[0]
    tax = sum([one.tax_amount for one in items], ZERO)
    net = sum([one.amount for one in items], ZERO) - tax
    other = contra or CONTRA_OF.get(first.kind, Account.REVENUE)
    owed = [
        Line(
            account=Account.RECEIVABLES,
            amount=one.amount,
            kind="issue",
            customer_id=one.customer_id,
            item_id=one.item_id,
        )
        for one in items
    ]
    against = [
        Line(account=account, amount=-amount, kind="issue", customer_id=first.customer_id)
        for account, amount in ((other, net), (Account.TAX, tax))
        if amount
    ]
    return Entry(
        kind="issue",
        posting_date=first.posted_on,
        value_date=value_date,
        company_code=first.company_code,
        currency=first.currency,
        dispute_id=dispute_id,
        lines=(*owed, *against),
    )
