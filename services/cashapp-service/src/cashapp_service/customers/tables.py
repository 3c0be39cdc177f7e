"""One row per customer, and one per name by which payers may call it. Version 0 came by a question to credit-service; its
events override it.
"""

from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from cashapp_service.customers.domain import Customer
from cashapp_service.rows import Row
from shared.database import DOCUMENT
from shared.events.credit import PaymentRequirements

_EXACT = Text(collation="C")


class CustomerRow(Row, table=True):
    """The projection of a customer."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_parent_id", "parent_id"),
        Index("ix_customers_bank_account_fingerprints", "bank_account_fingerprints", postgresql_using="gin"),
        Index("ix_customers_number_keys", "number_keys", postgresql_using="gin"),
    )

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
    number_keys: list[str] = Field(sa_type=ARRAY(Text))
    """The ways in which a text may write its number, as matching reads them."""


class CustomerNameRow(Row, table=True):
    """A name of a customer: of its master data, or learned from receipts that were confirmed to be its.

    `spelled`, `pair` and `words` are the marks by which matching finds it (`matching/domain/names.py`), compared by code points.
    """

    __tablename__ = "customer_names"
    __table_args__ = (
        Index("ix_customer_names_spelled", "spelled", "customer_id"),
        Index("ix_customer_names_pair", "pair", "customer_id"),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    learned: bool = Field(primary_key=True)
    name: str = Field(primary_key=True, sa_type=Text)
    spelled: str = Field(sa_type=_EXACT)
    pair: str | None = Field(sa_type=_EXACT)
    words: list[str] = Field(sa_type=ARRAY(Text))


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
