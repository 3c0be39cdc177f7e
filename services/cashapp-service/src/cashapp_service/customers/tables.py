"""One row per customer. Version 0 came by a question to credit-service; its events override it."""

from typing import Any

from sqlmodel import Field

from cashapp_service.customers.domain import Customer
from cashapp_service.rows import Row
from shared.database import DOCUMENT
from shared.events.credit import PaymentRequirements


class CustomerRow(Row, table=True):
    """The projection of a customer."""

    __tablename__ = "customers"

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int
    names: list[str] = Field(sa_type=DOCUMENT)
    currency: str = Field(max_length=3)
    payment_terms: str
    company_code: str | None = Field(max_length=20)
    country: str | None = Field(max_length=2)
    payment_requirements: dict[str, Any] = Field(sa_type=DOCUMENT)
    bank_account_fingerprints: list[str] = Field(sa_type=DOCUMENT)
    parent_id: str | None = Field(default=None, max_length=64)


def to_customer(row: Any) -> Customer:
    """Return the customer of a row, as the session has it or with all columns of the table."""
    return Customer(
        customer_id=row.customer_id,
        names=tuple(row.names),
        currency=row.currency,
        payment_terms=row.payment_terms,
        company_code=row.company_code,
        country=row.country,
        requirements=PaymentRequirements.model_validate(row.payment_requirements),
        bank_account_fingerprints=tuple(row.bank_account_fingerprints),
        parent_id=row.parent_id,
    )
