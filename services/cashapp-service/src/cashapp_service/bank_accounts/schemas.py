"""Shapes of house bank accounts on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE
from cashapp_service.ledger.domain import Account
from shared.http.edge import Body
from shared.money import CurrencyCode
from shared.texts import CompanyCode


class BankAccountBody(Body):
    """A house bank account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"currency": "EUR", "company_code": "1000", "ledger_account": "1810"}]}
    )

    currency: CurrencyCode = Field(description="ISO 4217 code")
    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    ledger_account: str = Field(
        default=Account.CASH.value, pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="Account that its money is posted to"
    )
    name: str | None = Field(default=None, max_length=200, description="For people to tell it by")


class BankAccountView(BaseModel):
    """A house bank account."""

    account: str = Field(description="IBAN or number, in capitals without blanks and punctuation")
    version: int = Field(description="Grows by one with each change; the ETag")
    currency: str = Field(description="ISO 4217 code")
    company_code: str = Field(description="The company of the ledger")
    ledger_account: str = Field(description="Account that its money is posted to")
    name: str | None = Field(description="For people to tell it by")
