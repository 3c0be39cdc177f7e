"""Shapes of customers on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.http.edge import Body
from shared.money import CurrencyCode

Name = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=64)]


class ContactBody(Body):
    """A person at the customer."""

    name: Name
    role: str | None = Field(default=None, max_length=100, examples=["accounts payable"])
    email: str | None = Field(default=None, max_length=320)
    phone: str | None = Field(default=None, max_length=50)
    language: str | None = Field(default=None, max_length=10, examples=["de"])


class PaymentRequirementsBody(Body):
    """What the customer needs in order to pay."""

    po_required: bool = False
    portal: str | None = Field(default=None, max_length=200)
    submission_channel: str | None = Field(default=None, max_length=20, examples=["email"])
    notes: str | None = Field(default=None, max_length=4000)


class CustomerBody(Body):
    """A customer as the ERP puts it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Nordlicht Handel",
                    "legal_name": "Nordlicht Handels GmbH",
                    "country": "DE",
                    "currency": "EUR",
                    "payment_terms": "net 30",
                    "bank_accounts": ["DE89370400440532013000"],
                }
            ]
        }
    )

    name: Name
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["DE"])
    currency: CurrencyCode
    payment_terms: str = Field(min_length=1, max_length=100, examples=["net 30"])
    company_code: str | None = Field(default=None, min_length=1, max_length=20)
    legal_name: str | None = Field(default=None, max_length=200)
    aliases: list[Name] = Field(default=[], max_length=50)
    tax_id: str | None = Field(default=None, max_length=50)
    industry: str | None = Field(default=None, max_length=100)
    parent_id: Key | None = None
    contacts: list[ContactBody] = Field(default=[], max_length=100)
    payment_requirements: PaymentRequirementsBody = PaymentRequirementsBody()
    bank_accounts: list[Annotated[str, Field(min_length=4, max_length=40)]] = Field(default=[], max_length=50)
    collector: str | None = Field(default=None, max_length=200, description="User who collects")
    credit_analyst: str | None = Field(default=None, max_length=200, description="User who watches the credit")
    sales_rep: str | None = Field(default=None, max_length=200)


class Customer(CustomerBody):
    """A customer; bank accounts and tax id are masked for roles that do not need them."""

    model_config = ConfigDict(extra="ignore")

    customer_id: str
    version: int = Field(description="Grows by one with each change; the ETag")


class CustomerSummary(BaseModel):
    """A customer in a list."""

    customer_id: str
    name: str
    legal_name: str | None
    country: str
    currency: str
    payment_terms: str
    collector: str | None
    credit_analyst: str | None
