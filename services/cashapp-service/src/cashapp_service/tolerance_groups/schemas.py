"""Shapes of tolerance groups on the wire."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from cashapp_service.tolerance_groups.domain import SYSTEM, GroupKind, ToleranceGroup
from cashapp_service.tolerance_groups.tables import ToleranceGroupRow
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, exact, fits_currency
from shared.security import ROLE_SCOPES
from shared.texts import Key

Pct = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4, examples=["1"])]

_EXAMPLE: dict[str, Any] = {
    "kind": "user",
    "name": "AR specialists",
    "members": ["ar_specialist"],
    "item_pct": "1",
    "receipt_pct": "0.5",
    "amounts": [{"currency": "EUR", "item_amount": "5.00", "receipt_amount": "20.00"}],
}


class ToleranceAmount(Body):
    """What is written off at most in one currency."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"currency": "EUR", "item_amount": "5.00", "receipt_amount": "20.00"}]}
    )

    currency: CurrencyCode = Field(description="ISO 4217 code")
    item_amount: NonNegativeAmount = Field(description="Most per item, in `currency`")
    receipt_amount: NonNegativeAmount = Field(description="Most for all items of one receipt, in `currency`")

    _fits = field_validator("item_amount", "receipt_amount")(fits_currency)


class ToleranceGroupBody(Body):
    """A tolerance group. Of amount and per cent the smaller counts, and of the user's and the customer's group too."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: GroupKind = Field(description="Whether its members are roles of users or customers")
    name: str | None = Field(default=None, max_length=200, description="For people to tell it by")
    members: list[Key] = Field(
        default=[],
        max_length=10_000,
        description="Roles, or the ERP's customer numbers; each in one group of its kind. `system` among the roles stands for"
        " what is applied automatically",
    )
    item_pct: Pct = Field(description="Per cent of the item's amount that is written off at most")
    receipt_pct: Pct = Field(
        description="Per cent of the receipt's amount that is written off at most on all its items"
    )
    amounts: list[ToleranceAmount] = Field(
        default=[],
        max_length=200,
        description="Most by currency; in a currency that is not named nothing is written off",
    )
    discount_grace_days: int | None = Field(
        default=None, ge=0, le=60, description="Days a cash discount outlives its last day; null leaves the company's"
    )

    @field_validator("amounts")
    @classmethod
    def _once_each(cls, amounts: list[ToleranceAmount]) -> list[ToleranceAmount]:
        if len({one.currency for one in amounts}) < len(amounts):
            raise ValueError("Send each currency once.")
        return amounts

    @field_validator("members")
    @classmethod
    def _roles_exist(cls, members: list[str], info: ValidationInfo) -> list[str]:
        roles = {*ROLE_SCOPES, SYSTEM}
        unknown = sorted(set(members) - roles) if info.data.get("kind") == "user" else []
        if unknown:
            raise ValueError(f"There is no role {unknown[0]}; roles are {', '.join(sorted(roles))}.")
        return members

    def group(self, group_id: str) -> ToleranceGroup:
        """Return the group."""
        values = self.model_dump(exclude={"members", "amounts"})
        return ToleranceGroup(
            group_id=group_id,
            members=tuple(sorted(set(self.members))),
            amounts={one.currency: (one.item_amount, one.receipt_amount) for one in self.amounts},
            **values,
        )


class ToleranceGroupView(BaseModel):
    """A tolerance group as it is now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "SPECIALISTS", "version": 1, "discount_grace_days": None, "changed_by": "controller", **_EXAMPLE}
            ]
        }
    )

    id: str = Field(description="The group's own name")
    version: int = Field(description="Grows by one with each change; the ETag")
    kind: GroupKind = Field(description="Whether its members are roles of users or customers")
    name: str | None = Field(description="For people to tell it by")
    members: list[str] = Field(description="Roles, or the ERP's customer numbers")
    item_pct: Decimal = Field(description="Per cent of the item's amount")
    receipt_pct: Decimal = Field(description="Per cent of the receipt's amount")
    amounts: list[ToleranceAmount] = Field(description="Most by currency")
    discount_grace_days: int | None = Field(description="Days a cash discount outlives its last day")
    changed_by: str = Field(description="Who changed it last")

    @classmethod
    def of(cls, row: ToleranceGroupRow, members: tuple[str, ...]) -> "ToleranceGroupView":
        """Return a group as it is shown."""
        amounts = [
            {"currency": currency, "item_amount": exact(Decimal(item), currency)}
            | {"receipt_amount": exact(Decimal(receipt), currency)}
            for currency, (item, receipt) in sorted(row.amounts.items())
        ]
        shares = {name: getattr(row, name).normalize() for name in ("item_pct", "receipt_pct")}
        values = row.model_dump() | shares | {"id": row.group_id, "members": members, "amounts": amounts}
        return cls.model_validate(values)
