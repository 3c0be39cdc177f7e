"""Shapes of charts of accounts on the wire."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.accounts.domain import Chart, Label
from cashapp_service.ledger.domain import Account
from shared.http.edge import Body

_EXAMPLE: dict[str, Any] = {"account": "receivables", "number": "1200", "name": "Trade receivables"}
Number = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z][0-9A-Za-z ./-]{0,19}$",
        description="Account number in the general ledger",
        examples=["1200"],
    ),
]


class AccountBody(Body):
    """What the general ledger calls one account."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    account: Account = Field(description="The account that postings go to", examples=["receivables"])
    number: Number
    name: str = Field(min_length=1, max_length=100, description="Its name there", examples=["Trade receivables"])

    @property
    def label(self) -> Label:
        """The label."""
        return Label(self.number, self.name)


class ChartBody(Body):
    """What a company names itself; the rest has the default chart's numbers and names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accounts": [_EXAMPLE]}]})

    accounts: list[AccountBody] = Field(max_length=len(Account), description="Each account at most once")


class AccountView(BaseModel):
    """An account and what the general ledger calls it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | {"own": False}]})

    account: str = Field(description="The account that postings go to", examples=["receivables"])
    number: str = Field(description="Account number in the general ledger", examples=["1200"])
    name: str = Field(description="Its name there", examples=["Trade receivables"])
    own: bool = Field(description="Whether the company named it; false where it is as in the default chart")


class ChartView(BaseModel):
    """The chart of accounts of a company code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"company_code": "1000", "version": 1, "accounts": [_EXAMPLE | {"own": False}]}]
        }
    )

    company_code: str = Field(description="The company of the ledger", examples=["1000"])
    version: int = Field(description="Grows by one with each change; the ETag. 0 is the default chart")
    accounts: list[AccountView] = Field(description="Every account, by number")

    @classmethod
    def of(cls, chart: Chart) -> Self:
        """Return a chart on the wire."""
        accounts = [
            AccountView(account=account, number=label.number, name=label.name, own=account in chart.own)
            for account, label in chart.labels.items()
        ]
        return cls(company_code=chart.company_code, version=chart.version, accounts=accounts)
