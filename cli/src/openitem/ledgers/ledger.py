"""A company's ledger as plain values: what a loader sends, in the order in which a company lives it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of one customer."""

    number: str
    customer_id: str
    issue_date: date
    due_date: date
    amount: Decimal
    currency: str
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class BankCredit:
    """Money that came in on a bank account, with what the bank says of it. `reference` is the bank's own and unique."""

    account: str
    reference: str
    value_date: date
    amount: Decimal
    currency: str
    payer_name: str
    payer_account: str | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A customer's complaint about one invoice."""

    customer_id: str
    invoice_number: str
    amount: Decimal | None
    reason_code: str
    description: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class CustomerLimit:
    """The credit limit that a manager gives a customer."""

    customer_id: str
    amount: Decimal
    currency: str


@dataclass(slots=True)
class Ledger:
    """Everything there is to load. `customers` are bodies of `PUT /v1/customers/{id}` by number, the rest is posted.

    `shared_limits` are the heads of groups that are managed together; statements and insurances are bodies by customer.
    """

    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    limits: list[CustomerLimit] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    credits: list[BankCredit] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    promises: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    shared_limits: list[str] = field(default_factory=list)
    financial_statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    insurances: dict[str, dict[str, Any]] = field(default_factory=dict)
