"""Shapes of customers on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Account
from credit_service.customers.domain.secrets import ROLES_THAT_NEED_BANK_DETAILS, without_secrets
from credit_service.customers.tables import CustomerRow
from shared.http.edge import Body
from shared.money import Amount, CurrencyCode, NonNegativeAmount, exact
from shared.security import Principal
from shared.texts import Key

Name = Annotated[str, Field(min_length=1, max_length=200)]


class ContactBody(Body):
    """A person at the customer."""

    name: Name = Field(description="Name of the person or the desk")
    role: str | None = Field(
        default=None, max_length=100, description="What the person does there", examples=["accounts payable"]
    )
    email: str | None = Field(default=None, max_length=320, description="Where to write to")
    phone: str | None = Field(default=None, max_length=50, description="However it is written")
    language: str | None = Field(
        default=None, max_length=10, description="In which letters are written (BCP 47)", examples=["de"]
    )


class PaymentRequirementsBody(Body):
    """What the customer needs in order to pay."""

    po_required: bool = Field(default=False, description="Whether an invoice without purchase order is not paid")
    portal: str | None = Field(default=None, max_length=200, description="Where invoices are to be entered")
    submission_channel: str | None = Field(
        default=None, max_length=20, description="How invoices are to be sent", examples=["email"]
    )
    notes: str | None = Field(default=None, max_length=4000, description="What else is to be heeded")


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

    name: Name = Field(description="As it is called every day")
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["DE"])
    currency: CurrencyCode = Field(description="ISO 4217, that of the credit account")
    payment_terms: str = Field(min_length=1, max_length=100, description="As agreed", examples=["net 30"])
    company_code: str | None = Field(default=None, min_length=1, max_length=20, description="Which company sells to it")
    legal_name: str | None = Field(default=None, max_length=200, description="As registered, with its legal form")
    aliases: list[Name] = Field(default=[], max_length=50, description="Other names it goes by")
    tax_id: str | None = Field(default=None, max_length=50, description="Masked for roles that do not need it")
    industry: str | None = Field(default=None, max_length=100, description="In what it trades")
    parent_id: Key | None = Field(default=None, description="The customer it belongs to; never one of its own group")
    contacts: list[ContactBody] = Field(default=[], max_length=100, description="People at the customer")
    payment_requirements: PaymentRequirementsBody = Field(
        default=PaymentRequirementsBody(), description="What it needs in order to pay"
    )
    bank_accounts: list[Annotated[str, Field(min_length=4, max_length=40)]] = Field(
        default=[], max_length=50, description="From which it pays; masked for roles that do not need them"
    )
    collector: str | None = Field(default=None, max_length=200, description="User who collects")
    credit_analyst: str | None = Field(default=None, max_length=200, description="User who watches the credit")
    sales_rep: str | None = Field(default=None, max_length=200, description="User who sells")


class Customer(CustomerBody):
    """A customer; bank accounts and tax id are masked for roles that do not need them.

    A masked value that is put back unchanged leaves what is on file as it is.
    """

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "name": "Nordlicht Handel",
                    "legal_name": "Nordlicht Handels GmbH",
                    "country": "DE",
                    "currency": "EUR",
                    "payment_terms": "net 30",
                    "bank_accounts": ["…3000"],
                    "version": 1,
                }
            ]
        },
    )

    customer_id: str = Field(description="The ERP's customer number")
    version: int = Field(description="Grows by one with each change; the ETag")


class CustomerSummary(BaseModel):
    """A customer in a list."""

    customer_id: str = Field(description="The ERP's customer number")
    name: str = Field(description="As it is called every day")
    legal_name: str | None = Field(description="As registered, with its legal form")
    country: str = Field(description="ISO 3166-1 alpha-2")
    currency: str = Field(description="ISO 4217, that of the credit account")
    payment_terms: str = Field(description="As agreed")
    collector: str | None = Field(description="User who collects")
    credit_analyst: str | None = Field(description="User who watches the credit")
    parent_id: str | None = Field(description="The customer it belongs to")


class GroupMember(BaseModel):
    """A customer of a group with its own limit and exposure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-2",
                    "name": "Nordlicht Logistik",
                    "parent_id": "C-1",
                    "currency": "EUR",
                    "limit_state": "amount",
                    "credit_limit": "20000.00",
                    "exposure": "12500.00",
                    "risk_class": "B",
                    "blocked": False,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    name: str = Field(description="As it is called every day")
    parent_id: str | None = Field(description="Null for the topmost of the group")
    currency: str = Field(description="The account's currency, in which the amounts are")
    limit_state: str = Field(description="`unmanaged`, `zero` or `amount`")
    credit_limit: NonNegativeAmount | None = Field(description="Its own limit; null where it is unmanaged")
    exposure: Amount = Field(description="What counts against its own limit")
    risk_class: str = Field(description="A (best) to E")
    blocked: bool = Field(description="Whether new orders are held")


def shown(row: CustomerRow, caller: Principal) -> Customer:
    """Return a customer as `caller` may see it."""
    content = row.model_dump()
    needs_secrets = bool(caller.roles & ROLES_THAT_NEED_BANK_DETAILS)
    return Customer.model_validate(content if needs_secrets else without_secrets(content))


def member(row: CustomerRow, account: Account) -> GroupMember:
    """Return a customer of a group as it is shown."""
    limit = account.limit.shown
    return GroupMember(
        customer_id=row.customer_id,
        name=row.name,
        parent_id=row.parent_id,
        currency=account.currency,
        limit_state=account.limit.state,
        credit_limit=None if limit is None else exact(limit, account.currency),
        exposure=exact(account.exposure.total, account.currency),
        risk_class=account.risk_class,
        blocked=account.blocked,
    )
