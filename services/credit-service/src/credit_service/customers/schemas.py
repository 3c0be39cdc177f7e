"""Shapes of customers on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Account
from credit_service.customers.domain.secrets import ROLES_THAT_NEED_BANK_DETAILS, without_secrets
from credit_service.customers.tables import CustomerRow
from shared.http.edge import Body
from shared.money import Amount, CurrencyCode, NonNegativeAmount, exact
from shared.security import Principal

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
    parent_id: str | None


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

    customer_id: str
    name: str
    parent_id: str | None = Field(description="Null for the topmost of the group")
    currency: str = Field(description="The account's currency, in which the amounts are")
    limit_state: str = Field(description="`unmanaged`, `zero` or `amount`")
    credit_limit: NonNegativeAmount | None = Field(description="Its own limit; null where it is unmanaged")
    exposure: Amount = Field(description="What counts against its own limit")
    risk_class: str = Field(description="A (best) to E")
    blocked: bool


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
