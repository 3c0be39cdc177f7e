"""What matching is told: the receipt, and the customers, learned payers and open items it may belong to."""

from dataclasses import dataclass
from datetime import date

from shared.money import Money


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """One line of a structured remittance: what the payer says it pays on one document, and what it deducts."""

    number: str
    amount: Money
    discount: Money | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in. `amount` is what is still to be allocated; `references` are searched like the purpose.

    `received` is what it came to at first, where something of it is applied already, and `written_off` what its applications
    wrote off within tolerance.
    """

    amount: Money
    value_date: date
    purpose: str = ""
    references: tuple[str, ...] = ()
    payer_name: str | None = None
    payer_account: str | None = None
    customer_id: str | None = None
    remittance: tuple[RemittanceLine, ...] = ()
    received: Money | None = None
    written_off: Money | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Return all that the payer wrote."""
        return (self.purpose, *self.references, *(line.number for line in self.remittance))


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as payers name it: `names` holds name, legal name and aliases. A parent may pay for those below it."""

    customer_id: str
    names: tuple[str, ...] = ()
    bank_accounts: tuple[str, ...] = ()
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPayer:
    """Somebody who is known to pay for customers: told by account, or by name letter by letter; or a customer itself."""

    payer_id: str
    pays_for: frozenset[str]
    account: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LearnedPayer:
    """A payer, by account or name, whose receipts were confirmed to be this customer's."""

    customer_id: str
    payer_account: str | None = None
    payer_name: str | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item. `balance` is positive where the customer owes us, negative for a credit memo.

    `discount` is the cash discount that is earned on the whole balance if paid on the receipt's value date, `issued_at` the
    amount it was issued at, where that is not the balance any more.
    """

    item_id: str
    customer_id: str
    number: str
    balance: Money
    due_date: date
    po_number: str | None = None
    order_id: str | None = None
    reference: str | None = None
    discount: Money | None = None
    issued_at: Money | None = None

    @property
    def net(self) -> Money:
        """Return the balance less the discount that may be taken."""
        return self.balance - self.discount if self.discount else self.balance
