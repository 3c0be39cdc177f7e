"""Shapes of account blocks on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from credit_service.account_blocks.domain import MANUAL
from shared.http.edge import Body


class BlockBody(Body):
    """Why an account is blocked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Insolvency reported in the press."}]})

    reason: str = Field(min_length=1, max_length=4000, description="Why, in words")
    reason_code: str = Field(
        default=MANUAL,
        pattern=r"^[a-z0-9_]{1,50}$",
        description="A word for lists, such as `insolvency`; a block for `legal` is lifted by who approves limits",
    )


class UnblockBody(Body):
    """Why a block is lifted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The report was about another company."}]})

    reason: str | None = Field(default=None, max_length=4000, description="Why, in words")


class AccountBlock(BaseModel):
    """Whether an account is blocked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer_id": "C-1", "blocked": True, "reason_code": "manual", "version": 3}]}
    )

    customer_id: str = Field(description="The ERP's customer number")
    blocked: bool = Field(description="Whether the account is blocked")
    reason_code: str | None = Field(description="Why, in a word; null where it is not blocked")
    version: int = Field(description="Version of the credit account")
