"""Which rules there are, with their parameters, and the policy that gathers them."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import NotFoundError
from shared.money import NonNegativeAmount, PositiveAmount

Checkpoint = Literal["order", "delivery", "goods_issue"]
Reaction = Literal["none", "warn", "hold", "reject"]
RISK_CLASSES = ("A", "B", "C", "D", "E")


class PolicyNotFoundError(NotFoundError):
    """There is no such risk class."""

    code = "policy_not_found"

    def __init__(self, risk_class: str) -> None:
        super().__init__(f"There is no risk class {risk_class!r}: take one of {', '.join(RISK_CLASSES)}.")


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoints: list[Checkpoint] = Field(default=["order"], min_length=1, description="Where the rule runs")
    reaction: Reaction = Field(default="hold", description="What happens where it does not hold")


class StaticLimit(_Rule):
    """Everything that counts, with this document, stays within the effective limit."""

    rule: Literal["static_limit"]


class DynamicLimit(_Rule):
    """The same, but open orders with delivery beyond the horizon are left out; invoices never are."""

    rule: Literal["dynamic_limit"]
    horizon_days: int = Field(ge=1, le=1000, description="Days from the day of the check")


class OldestOpenItem(_Rule):
    """No open item is more than this many days past due."""

    rule: Literal["oldest_open_item"]
    days: int = Field(ge=0, le=10_000, description="Days past due that are still accepted")


class OverdueShare(_Rule):
    """Not too much of the open items is overdue while much of the limit is used."""

    rule: Literal["overdue_share"]
    overdue_pct: Decimal = Field(ge=0, le=100, description="Accepted share of overdue in open items, per cent")
    use_pct: Decimal = Field(
        ge=0, le=1000, description="Use of the limit up to which overdue does not matter, per cent"
    )


class MaxDocumentValue(_Rule):
    """One document is worth at most this much."""

    rule: Literal["max_document_value"]
    max_amount: PositiveAmount = Field(description="In the account's currency")


class LimitValidity(_Rule):
    """The limit has not expired."""

    rule: Literal["limit_validity"]


class AccountBlocked(_Rule):
    """The account is not blocked."""

    rule: Literal["account_blocked"]


PolicyRule = Annotated[
    StaticLimit | DynamicLimit | OldestOpenItem | OverdueShare | MaxDocumentValue | LimitValidity | AccountBlocked,
    Field(discriminator="rule"),
]


class PolicyContent(BaseModel):
    """What a policy says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: list[PolicyRule] = Field(max_length=50)
    held_orders_reserve: bool = Field(default=False, description="Whether a held order counts as exposure")
    small_value_below: NonNegativeAmount | None = Field(
        default=None, description="Documents below this value, in the account's currency, are not checked"
    )

    def at(self, checkpoints: frozenset[str]) -> list[PolicyRule]:
        """Return the rules that run at any of these checkpoints, in the policy's order."""
        return [rule for rule in self.rules if rule.reaction != "none" and not checkpoints.isdisjoint(rule.checkpoints)]

    def asks_for(self, rule: str) -> bool:
        """Tell whether a rule runs anywhere, so that its facts have to be read."""
        return any(one.rule == rule and one.reaction != "none" for one in self.rules)


class Policy(BaseModel):
    """One version of the policy of a risk class."""

    model_config = ConfigDict(frozen=True)

    risk_class: str
    version: int
    content: PolicyContent
