"""One row per customer; its lists are read and written whole."""

from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT
from shared.events.credit import CustomerState


class CustomerRow(Row, table=True):
    """A customer's master data as the ERP put it."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "ix_customers_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},
        ),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int
    name: str
    legal_name: str | None
    aliases: list[str] = Field(sa_type=DOCUMENT)
    country: str = Field(max_length=2)
    currency: str = Field(max_length=3)
    company_code: str | None = Field(max_length=20)
    tax_id: str | None
    industry: str | None
    payment_terms: str
    parent_id: str | None = Field(max_length=64, index=True)
    contacts: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    payment_requirements: dict[str, Any] = Field(sa_type=DOCUMENT)
    bank_accounts: list[str] = Field(sa_type=DOCUMENT)
    collector: str | None
    credit_analyst: str | None
    sales_rep: str | None
    search_text: str = Field(sa_type=Text)


def public_state(row: CustomerRow, fingerprints: list[str]) -> CustomerState:
    """Return what the other services and integrators are told of a customer."""
    return CustomerState.model_validate(row.model_dump() | {"bank_account_fingerprints": fingerprints})
