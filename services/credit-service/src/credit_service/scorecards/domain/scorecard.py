"""The table: factors with their bins, points and weights; risk classes; the methods of a recommended limit.

The one thing to know: a factor gives 0 (worst) to 100 (best) points, a weight says what share of the score it has. What happens
where a fact is missing is part of the table: nothing is put in its place unless the table says so.
"""

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from credit_service.financial_statements.domain.ratios import RATIOS
from shared.errors import NotFoundError
from shared.payment_terms import InvalidPaymentTermsError, PaymentTerms

RiskClass = Literal["A", "B", "C", "D", "E"]
RISK_CLASSES: tuple[RiskClass, ...] = get_args(RiskClass)
POINTS_MAX = 100
SCORE_MAX = 1000
DEFAULT_ID = "default"

OwnFactor = Literal[
    "share_late",
    "weighted_days_late",
    "trend_days_late",
    "broken_promises",
    "returned_payments",
    "bureau_score",
    "altman_z2",
    "insured_share",
    "relationship_months",
]
OWN_FACTORS: tuple[str, ...] = get_args(OwnFactor)
COUNTRY = "country"
NUMERIC_FACTORS: frozenset[str] = frozenset(OWN_FACTORS) | RATIOS.keys()


class ScorecardNotFoundError(NotFoundError):
    """There is no such scorecard."""

    code = "scorecard_not_found"

    def __init__(self, scorecard_id: str) -> None:
        super().__init__(f"There is no scorecard {scorecard_id!r}: see GET /v1/scorecards/{DEFAULT_ID}.")


def _number_from_wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    if not digits.isascii() or len(digits) > 20 or not digits.replace(".", "", 1).isdigit():
        raise PydanticCustomError("number_malformed", 'Write the number as a decimal string such as "-0.25".')
    return Decimal(value)


Number = Annotated[
    Decimal,
    BeforeValidator(_number_from_wire),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,20}(\.\d{1,19})?$", "examples": ["0.25"]}),
]
Points = Annotated[int, Field(ge=0, le=POINTS_MAX, description="0 (worst) to 100 (best)")]
Weight = Annotated[int, Field(ge=0, le=10_000, description="Share in the score: this of the sum of all weights")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GivePoints(_Part):
    """A missing fact gets these points."""

    handling: Literal["points"] = Field(description="What is done where the factor is missing")
    points: Points


class LeaveOut(_Part):
    """The factor is left out where its fact is missing, and the others weigh the more."""

    handling: Literal["leave_out_and_reweight"] = Field(description="What is done where the factor is missing")


class Refuse(_Part):
    """Nothing is assessed where this fact is missing."""

    handling: Literal["refuse"] = Field(description="What is done where the factor is missing")


Missing = Annotated[GivePoints | LeaveOut | Refuse, Field(discriminator="handling")]


class Bin(_Part):
    """Values up to and including a bound, above that of the bin before."""

    up_to: Number | None = Field(default=None, description="Inclusive; null in the last bin, which takes all above")
    points: Points

    def label(self, above: Decimal | None) -> str:
        """Return the bin in words; `above` is the bound of the bin before."""
        low = "" if above is None else f"above {above:f}"
        high = "" if self.up_to is None else f"up to {self.up_to:f}"
        return ", ".join(part for part in (low, high) if part) or "any value"


class NumericFactor(_Part):
    """A number that falls into one of the bins."""

    factor: str = Field(description="What is looked at: of the own payment behaviour, or a ratio of the statement")
    weight: Weight
    bins: tuple[Bin, ...] = Field(min_length=1, max_length=50, description="Points by value, lowest values first")
    missing: Missing = Field(description="Where there is no value")
    without_source: Missing | None = Field(
        default=None,
        description="Where there is not even what it is taken from, such as any statement; else as `missing`",
    )

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if self.factor not in NUMERIC_FACTORS:
            known = ", ".join([*OWN_FACTORS, COUNTRY])
            raise PydanticCustomError(
                "unknown_factor",
                "There is no factor {name}: take {known} or a ratio.",
                {"name": self.factor, "known": known},
            )
        bounds = [one.up_to for one in self.bins]
        known_bounds = [bound for bound in bounds if bound is not None]
        if bounds[-1] is not None or len(known_bounds) != len(bounds) - 1:
            raise PydanticCustomError("open_bin", "The last bin, and only that, has up_to null.")
        if any(later <= bound for bound, later in pairwise(known_bounds)):
            raise PydanticCustomError("bins_unordered", "Each bin's up_to lies above that of the bin before.")
        return self


class CountryGroup(_Part):
    """Countries that get the same points."""

    label: str = Field(min_length=1, max_length=100, description="What the countries have in common")
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        min_length=1, max_length=300, description="ISO 3166-1 alpha-2"
    )
    points: Points


class CountryFactor(_Part):
    """The customer's country; the first group that names it counts."""

    factor: Literal["country"] = Field(description="The country where the customer is")
    weight: Weight
    groups: tuple[CountryGroup, ...] = Field(max_length=20, description="Points by group of countries")
    others: Points = Field(description="Points of a country that no group names, 0 to 100")


class ClassBand(_Part):
    """A risk class: from which score on, and what goes with it."""

    risk_class: RiskClass = Field(description="A (best) to E")
    score_from: int = Field(ge=0, le=SCORE_MAX, description="Lowest score of the class")
    payment_terms: str = Field(min_length=1, max_length=100, description="Recommended terms", examples=["net 30"])
    review_months: int = Field(ge=1, le=60, description="Months to the next review")
    credit: bool = Field(default=True, description="Whether any credit is recommended")

    @field_validator("payment_terms")
    @classmethod
    def _readable(cls, terms: str) -> str:
        try:
            PaymentTerms.parse(terms)
        except InvalidPaymentTermsError as error:
            raise PydanticCustomError("invalid_payment_terms", "{detail}", {"detail": error.detail}) from None
        return terms


Share = Annotated[Number, Field(ge=0, le=1000, description="Per cent")]


class PurchasesMethod(_Part):
    """What the customer buys in the days of the recommended terms, times a share that leaves room for peaks."""

    method: Literal["purchases"] = Field(description="Which method it is")
    share_pct: Share


class EquityMethod(_Part):
    """A share of the customer's equity."""

    method: Literal["share_of_equity"] = Field(description="Which method it is")
    share_pct: Share


class InsuredMethod(_Part):
    """What the credit insurer covers."""

    method: Literal["insured_limit"] = Field(description="Which method it is")


class BureauMethod(_Part):
    """What the bureau recommends."""

    method: Literal["bureau_limit"] = Field(description="Which method it is")


class HighCreditMethod(_Part):
    """A share of the highest credit that the customer carried in the last 365 days."""

    method: Literal["high_credit"] = Field(description="Which method it is")
    share_pct: Share


class ClassMethod(_Part):
    """Nothing, in a class without credit."""

    method: Literal["risk_class"] = Field(description="Which method it is")


LimitMethod = Annotated[
    PurchasesMethod | EquityMethod | InsuredMethod | BureauMethod | HighCreditMethod | ClassMethod,
    Field(discriminator="method"),
]


class ScorecardContent(_Part):
    """What a scorecard says."""

    factors: tuple[Annotated[NumericFactor | CountryFactor, Field(union_mode="left_to_right")], ...] = Field(
        min_length=1, max_length=100, description="What is looked at, each with its weight and points"
    )
    classes: tuple[ClassBand, ...] = Field(min_length=5, max_length=5, description="A to E, each from a lower score on")
    limit_methods: tuple[LimitMethod, ...] = Field(
        min_length=1, max_length=6, description="Each gives a limit; the lowest is recommended"
    )
    items_min: int = Field(
        ge=1, le=1000, description="Items settled or overdue in 365 days from which on they speak for payment behaviour"
    )
    statement_months_max: int = Field(ge=1, le=120, description="Age up to which a statement counts, in months")
    report_months_max: int = Field(ge=1, le=120, description="Age up to which a bureau report counts, in months")
    evidence_min_pct: int = Field(
        ge=0, le=100, description="Share of the weights that must rest on facts for a class better than `thin_class`"
    )
    thin_class: RiskClass = Field(description="Best class where less than `evidence_min_pct` rests on facts")

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        names = [factor.factor for factor in self.factors]
        _once("factor", names)
        _once("limit method", [method.method for method in self.limit_methods])
        if not any(factor.weight for factor in self.factors):
            raise PydanticCustomError("no_weight", "At least one factor has a weight above zero.")
        if [band.risk_class for band in self.classes] != list(RISK_CLASSES):
            raise PydanticCustomError("classes_incomplete", "Give the classes A, B, C, D, E in this order.")
        if any(worse.score_from >= better.score_from for better, worse in pairwise(self.classes)):
            raise PydanticCustomError("classes_unordered", "Each class begins at a lower score than the one before.")
        if self.classes[-1].score_from != 0:
            raise PydanticCustomError("classes_open", "Class E begins at score 0.")
        return self

    def band_of(self, risk_class: str) -> ClassBand:
        """Return what goes with a risk class."""
        return next(band for band in self.classes if band.risk_class == risk_class)


def _once(what: str, names: list[Any]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError(
                "named_twice", "The {what} {name} stands here twice.", {"what": what, "name": name}
            )


class Scorecard(BaseModel):
    """One version of a scorecard."""

    model_config = ConfigDict(frozen=True)

    scorecard_id: str
    version: int
    content: ScorecardContent
