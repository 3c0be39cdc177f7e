"""Shapes of known payers on the wire."""

import re

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.customers.domain import fingerprint, masked
from cashapp_service.payers.domain import Payer
from shared.account_numbers import TrueAccountNumber
from shared.http.edge import Body
from shared.texts import Key


class PayerBody(Body):
    """A third party that pays for customers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Zentralregulierung Nord eG", "account": "DE02120300000000202051", "pays_for": ["C-1001"]}
            ]
        }
    )

    name: str | None = Field(
        default=None, min_length=1, max_length=400, description="As the bank names it, letter by letter"
    )
    account: TrueAccountNumber | None = Field(
        default=None, min_length=4, max_length=40, description="IBAN or number; only a fingerprint of it is kept"
    )
    pays_for: list[Key] = Field(
        max_length=1000,
        description="The ERP's customer numbers; none where a payer that is known pays for nobody any more",
    )

    def payer(self, payer_id: str) -> Payer:
        """Return the payer."""
        return Payer(
            payer_id=payer_id,
            name=self.name,
            account_fingerprint=fingerprint(self.account) if self.account else None,
            account_shown=masked(re.sub(r"\s", "", self.account)) if self.account else None,
            pays_for=tuple(sorted(set(self.pays_for))),
        )


class PayerView(BaseModel):
    """A third party that pays for customers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ZR-NORD",
                    "version": 1,
                    "name": "Zentralregulierung Nord eG",
                    "account": "…2051",
                    "pays_for": ["C-1001"],
                    "changed_by": "ar_specialist",
                }
            ]
        }
    )

    id: str = Field(description="The payer's own key; its customer number where it is a customer")
    version: int = Field(description="Grows by one with each change; the ETag")
    name: str | None = Field(description="As the bank names it")
    account: str | None = Field(description="The last characters of its bank account")
    pays_for: list[str] = Field(description="The ERP's customer numbers")
    changed_by: str = Field(description="Who changed it last")
