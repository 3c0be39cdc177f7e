"""Which rules there are, with their parameters, and the policy that gathers them.

The one thing to know: a rule may stand in a policy several times, say to warn at the order and to hold at the goods issue.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.days import days_late
from shared.errors import ConflictError, NotFoundError
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount, fits_currency

Checkpoint = Literal["order", "delivery", "goods_issue"]
Reaction = Literal["none", "warn", "hold", "reject"]
RISK_CLASSES = ("A", "B", "C", "D", "E")


class PolicyNotFoundError(NotFoundError):
    """There is no such risk class."""

    code = "policy_not_found"

    def __init__(self, risk_class: str) -> None:
        super().__init__(f"There is no risk class {risk_class!r}: take one of {', '.join(RISK_CLASSES)}.")


class PolicyVersionNotFoundError(NotFoundError):
    """The policy has no such version."""

    code = "policy_version_not_found"

    def __init__(self, risk_class: str, version: int) -> None:
        super().__init__(
            f"The policy of risk class {risk_class} has no version {version}: see GET /v1/credit-policies/{risk_class}/versions."
        )


class SecondPersonNeededError(ConflictError):
    """Here nobody changes a policy alone."""

    code = "second_person_needed"

    def __init__(self, risk_class: str) -> None:
        super().__init__(
            f"Nobody changes a policy alone: draft it with POST /v1/credit-policies/{risk_class}/drafts, simulate it, and have "
            "another person activate it."
        )


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoints: list[Checkpoint] = Field(default=["order"], min_length=1, description="Where the rule runs")
    reaction: Reaction = Field(default="hold", description="What happens where it does not hold")


class StaticLimit(_Rule):
    """Everything that counts, with this document, stays within the effective limit."""

    rule: Literal["static_limit"] = Field(description="Which rule it is")


class DynamicLimit(_Rule):
    """The same, but open orders with delivery beyond the horizon are left out; invoices never are."""

    rule: Literal["dynamic_limit"] = Field(description="Which rule it is")
    horizon_days: int = Field(ge=1, le=1000, description="Days from the day of the check")


class OldestOpenItem(_Rule):
    """No open item is more than this many days past due."""

    rule: Literal["oldest_open_item"] = Field(description="Which rule it is")
    days: int = Field(ge=0, le=10_000, description="Days past due that are still accepted")


class OverdueShare(_Rule):
    """Not too much of the open items is overdue while much of the limit is used."""

    rule: Literal["overdue_share"] = Field(description="Which rule it is")
    overdue_pct: Decimal = Field(ge=0, le=100, description="Accepted share of overdue in open items, per cent")
    use_pct: Decimal = Field(
        ge=0, le=1000, description="Use of the limit up to which overdue does not matter, per cent"
    )


class MaxDocumentValue(_Rule):
    """One document is worth at most this much."""

    rule: Literal["max_document_value"] = Field(description="Which rule it is")
    max_amount: PositiveAmount = Field(description="In the account's currency")


class LimitValidity(_Rule):
    """The limit has not expired."""

    rule: Literal["limit_validity"] = Field(description="Which rule it is")


class AccountBlocked(_Rule):
    """The account is not blocked."""

    rule: Literal["account_blocked"] = Field(description="Which rule it is")


class ReviewDue(_Rule):
    """The review of the account is not overdue."""

    rule: Literal["review_due"] = Field(description="Which rule it is")
    grace_days: int = Field(default=0, ge=0, le=1000, description="Days after the review's day that are still accepted")


class MaxDunningLevel(_Rule):
    """No open item has been dunned to a higher level."""

    rule: Literal["max_dunning_level"] = Field(description="Which rule it is")
    max_level: int = Field(ge=0, le=100, description="Highest level that is still accepted")


class BrokenPromises(_Rule):
    """Not too many promises to pay were broken lately."""

    rule: Literal["broken_promises"] = Field(description="Which rule it is")
    days: int = Field(ge=1, le=3650, description="How far back to look from the day of the check, both days included")
    max_count: int = Field(default=0, ge=0, le=1000, description="Broken promises that are still accepted")


class ReturnedPayments(_Rule):
    """Not too many payments were returned by the bank lately."""

    rule: Literal["returned_payments"] = Field(description="Which rule it is")
    days: int = Field(ge=1, le=3650, description="How far back to look from the day of the check, both days included")
    max_count: int = Field(default=0, ge=0, le=1000, description="Returned payments that are still accepted")


class PaymentTermsAgreed(_Rule):
    """The order's payment terms are no better for the customer than those agreed.

    Where prepayment is agreed, an order that names no terms has to be marked `prepaid`. Nothing else asks for that: a policy
    without this rule approves such orders on credit.
    """

    rule: Literal["payment_terms"] = Field(description="Which rule it is")


PolicyRule = Annotated[
    StaticLimit
    | DynamicLimit
    | OldestOpenItem
    | OverdueShare
    | MaxDocumentValue
    | LimitValidity
    | ReviewDue
    | AccountBlocked
    | MaxDunningLevel
    | BrokenPromises
    | ReturnedPayments
    | PaymentTermsAgreed,
    Field(discriminator="rule"),
]


class WhenUnavailable(BaseModel):
    """What the caller should do when no check is possible: hold every order, or ship those below an amount."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["hold", "ship_below"] = Field(
        default="hold", description="`hold` every order, or ship those below `amount`"
    )
    currency: CurrencyCode | None = Field(default=None, description="Of `amount`")
    amount: PositiveAmount | None = Field(
        default=None, description="Orders below it may be shipped; with `ship_below` only"
    )

    fitting = field_validator("amount")(fits_currency)

    @model_validator(mode="after")
    def _named_in_full(self) -> "WhenUnavailable":
        given = (self.amount is not None, self.currency is not None)
        if given != (self.action == "ship_below",) * 2:
            raise ValueError("Send amount and currency with ship_below, and neither with hold.")
        return self


class PolicyContent(BaseModel):
    """What a policy says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: list[PolicyRule] = Field(max_length=50, description="Each rule that runs, with its parameters")
    held_orders_reserve: bool = Field(default=False, description="Whether a held order counts as exposure")
    small_value_below: NonNegativeAmount | None = Field(
        default=None, description="Documents below this value, in the account's currency, are not checked"
    )
    excluded_order_types: list[Annotated[str, Field(min_length=1, max_length=50)]] = Field(
        default=[], max_length=100, description="Orders of these types are not checked"
    )
    prepaid_excluded: bool = Field(
        default=False, description="Whether orders that are paid before delivery are not checked"
    )
    disputed_counts_as_overdue: bool = Field(
        default=True, description="Whether disputed amounts count in the overdue share and as the oldest open item"
    )
    insured_cover_counts: bool = Field(
        default=False, description="Whether valid insured cover is added to a limit that is in force"
    )
    when_unavailable: WhenUnavailable = Field(
        default=WhenUnavailable(), description="What the caller should do when no check is possible; told with the 503"
    )

    def at(self, checkpoints: frozenset[str]) -> list[PolicyRule]:
        """Return the rules that run at any of these checkpoints, in the policy's order."""
        found = self._at.get(checkpoints)
        if found is None:
            running = [rule for rule in self.rules if rule.reaction != "none"]
            found = self._at[checkpoints] = [rule for rule in running if not checkpoints.isdisjoint(rule.checkpoints)]
        return found

    @cached_property
    def _at(self) -> dict[frozenset[str], list[PolicyRule]]:
        # A content never changes, and every check asks it the same.
        return {}

    def asks_for(self, rule: str) -> bool:
        """Tell whether a rule runs anywhere, so that its facts have to be read."""
        return rule in self._asked

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(one.rule for one in self.rules if one.reaction != "none")

    def asks_for_dues(self, oldest_due_date: date | None, as_of: date) -> bool:
        """Tell whether a rule that runs anywhere looks at what is past due, of an account whose oldest item was due then."""
        late = days_late(oldest_due_date, as_of) if oldest_due_date else 0
        return late > 0 and any(late > accepted for accepted in self._days_accepted())

    def _days_accepted(self) -> Iterator[int]:
        for rule in self.rules:
            if rule.reaction != "none" and isinstance(rule, OverdueShare | OldestOpenItem):
                yield rule.days if isinstance(rule, OldestOpenItem) else 0


class Policy(BaseModel):
    """One version of the policy of a risk class."""

    model_config = ConfigDict(frozen=True)

    risk_class: str
    version: int
    content: PolicyContent
