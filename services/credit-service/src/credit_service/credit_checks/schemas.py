"""Shapes of credit checks on the wire."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SkipValidation, field_validator
from pydantic_core import PydanticCustomError

from credit_service.credit_decisions.schemas import ANSWERED, CreditDecision
from credit_service.credit_policies.domain import Checkpoint
from shared.days import Day
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import CurrencyCode, PositiveAmount, fits_currency
from shared.payment_terms import InvalidPaymentTermsError, PaymentTerms

CHECKS_MAX = 1_000
Key = Annotated[str, Field(min_length=1, max_length=64)]


def _written_alike(terms: str) -> str:
    """Return payment terms as all write them, so that two ways of writing them are the same order."""
    try:
        return str(PaymentTerms.parse(terms))
    except InvalidPaymentTermsError as error:
        raise PydanticCustomError("invalid_payment_terms", "{detail}", {"detail": error.detail}) from None


Terms = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_written_alike)]

ASKED: dict[str, Any] = {
    "customer_id": "C-1",
    "order_id": "SO-1001",
    "amount": "800.00",
    "currency": "EUR",
    "requested_delivery_date": "2026-04-01",
    "as_of": "2026-03-02",
}


class CreditCheckBody(Body):
    """An order to be checked."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    customer_id: Key = Field(description="The ERP's customer number")
    order_id: Key = Field(description="The ERP's order number; sent again, it replaces its reservation")
    currency: CurrencyCode
    amount: PositiveAmount = Field(description="Value of the whole order, in `currency`")
    requested_delivery_date: Day | None = Field(default=None, description="Which horizon the order falls into")
    checkpoint: Checkpoint = Field(default="order", description="Whose rules run")
    order_type: str | None = Field(default=None, min_length=1, max_length=50, description="The ERP's, such as `sample`")
    payment_terms: Terms | None = Field(
        default=None, description="Of this order; without, those agreed", examples=["net 30"]
    )
    prepaid: bool = Field(default=False, strict=True, description="Whether the order is paid before delivery")
    dry_run: bool = Field(default=False, strict=True, description="Decide without reserving or storing anything")
    as_of: Day | None = Field(default=None, description="Business day of the check; today where none is given")

    fitting = field_validator("amount")(fits_currency)


class CreditCheckBatchBody(Body):
    """Orders to be checked, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"checks": [ASKED]}]})

    checks: list[SkipValidation[CreditCheckBody]] = Field(
        min_length=1, max_length=CHECKS_MAX, description="Each is answered by its own decision or problem"
    )


class CreditCheckResults(BaseModel):
    """The decisions, in the order of the checks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"results": [ANSWERED]}]})

    results: list[CreditDecision | Problem]
