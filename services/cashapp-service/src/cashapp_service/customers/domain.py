"""A customer as cash application needs it: who pays, in which currency, on which terms."""

import hashlib
import re
from dataclasses import dataclass

from shared.errors import InvalidError
from shared.events.credit import PaymentRequirements

ROLES_THAT_NEED_BANK_DETAILS = frozenset({"erp", "ar_specialist", "admin"})
"""Other roles see payers' bank accounts masked (design.md, Security)."""


class UnknownCustomerError(InvalidError):
    """The body names a customer that does not exist."""

    code = "unknown_customer"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            f"There is no customer {customer_id}: put it first with PUT /v1/customers/{customer_id}.",
            field="customer_id",
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `names` holds name, legal name and aliases, `bank_account_fingerprints` what `fingerprint` returns."""

    customer_id: str
    names: tuple[str, ...]
    currency: str
    payment_terms: str
    company_code: str | None
    country: str | None
    requirements: PaymentRequirements
    bank_account_fingerprints: tuple[str, ...]
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Debtor:
    """What a document takes from its customer: the agreed terms, and the country whose holidays count."""

    payment_terms: str
    country: str | None


@dataclass(frozen=True, slots=True)
class CustomerName:
    """A name that payers may use for a customer; `learned` where it stands in no master data, but a person confirmed it."""

    customer_id: str
    name: str
    learned: bool


def fingerprint(bank_account: str) -> str:
    """Return the SHA-256 of a bank account in capitals without spaces, as customer events carry it."""
    return hashlib.sha256(re.sub(r"\s", "", bank_account).upper().encode()).hexdigest()


def masked(secret: str) -> str:
    """Return a bank account of which only the last four characters can be read."""
    return "…" + secret[-4:] if len(secret) > 4 else "…"
