"""Shapes of account blocks on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from shared.http.edge import Body


class BlockBody(Body):
    """Why an account is blocked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Insolvency reported in the press."}]})

    reason: str = Field(min_length=1, max_length=4000)


class UnblockBody(Body):
    """Why a block is lifted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The report was about another company."}]})

    reason: str | None = Field(default=None, max_length=4000)


class AccountBlock(BaseModel):
    """Whether an account is blocked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": "C-1", "blocked": True, "version": 3}]})

    customer_id: str
    blocked: bool
    version: int = Field(description="Version of the credit account")
