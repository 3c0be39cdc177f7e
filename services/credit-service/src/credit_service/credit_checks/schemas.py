"""Shapes of credit checks on the wire, and the short way in which a plain one is read.

The one thing to know: `CreditCheckBody` says what a check is and refuses what is none. `read_plainly` takes only what is
certainly fine, in a tenth of the time, and leaves everything else to the model; a test holds the two against each other.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SkipValidation, field_validator
from pydantic_core import PydanticCustomError

from credit_service.credit_decisions.schemas import ANSWERED, CreditDecision
from credit_service.credit_policies.domain import Checkpoint
from shared.card_numbers import holds_card_number
from shared.days import FIRST_DAY, LAST_DAY, Day
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import (
    CurrencyCode,
    PositiveAmount,
    TooManyDecimalsError,
    UnknownCurrencyError,
    exact,
    fits_currency,
)
from shared.payment_terms import InvalidPaymentTermsError, PaymentTerms
from shared.texts import Key

CHECKS_MAX = 1_000
KEY_LENGTH_MAX = 64


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
    currency: CurrencyCode = Field(description="ISO 4217, the order's")
    amount: PositiveAmount = Field(description="Value of the whole order, in `currency`")
    requested_delivery_date: Day | None = Field(default=None, description="Which horizon the order falls into")
    checkpoint: Checkpoint = Field(default="order", description="Whose rules run")
    order_type: str | None = Field(default=None, min_length=1, max_length=50, description="The ERP's, such as `sample`")
    payment_terms: Terms | None = Field(
        default=None,
        description="Of this order; without, those agreed. Where these are prepayment, send `prepaid`",
        examples=["net 30"],
    )
    prepaid: bool = Field(default=False, strict=True, description="Whether the order is paid before delivery")
    dry_run: bool = Field(default=False, strict=True, description="Decide without reserving or storing anything")
    as_of: Day | None = Field(default=None, description="Business day of the check; today where none is given")

    fitting = field_validator("amount")(fits_currency)


_PlainKey = Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_LENGTH_MAX)]


class PlainCheck(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """A check as it is read plainly; the fields of `CreditCheckBody`, payment terms as all write them."""

    customer_id: _PlainKey
    order_id: _PlainKey
    currency: str
    amount: str
    requested_delivery_date: date | None = None
    checkpoint: Checkpoint = "order"
    order_type: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] | None = None
    payment_terms: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    prepaid: bool = False
    dry_run: bool = False
    as_of: date | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing has to be stripped or refused: it has printable keys, business days, and no card number anywhere."""
        return (
            _is_plain_key(self.customer_id)
            and _is_plain_key(self.order_id)
            and (self.order_type is None or _is_plain(self.order_type))
            and (self.payment_terms is None or _are_as_all_write_them(self.payment_terms))
            and _is_business_day(self.requested_delivery_date)
            and _is_business_day(self.as_of)
        )


_check = msgspec.json.Decoder(PlainCheck)
_amount = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)
"""Of the amounts that there may be, those too short to be taken for a card number."""
_currency = re.compile(r"[A-Z]{3}")


def read_plainly(content: bytes | msgspec.Raw) -> tuple[PlainCheck, Decimal] | None:
    """Return a check and its exact amount; None where `CreditCheckBody` has to judge."""
    try:
        check = _check.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not check.is_plain or not _amount.fullmatch(check.amount) or not _currency.fullmatch(check.currency):
        return None
    try:
        amount = exact(Decimal(check.amount), check.currency)
    except (TooManyDecimalsError, UnknownCurrencyError):
        return None
    return (check, amount) if amount > 0 else None


def _is_plain_key(key: str) -> bool:
    # What the guard against card numbers says of a key: in one piece it is the ERP's.
    return (key.isalnum() and key.isascii()) or _is_plain(key)


def _is_plain(text: str) -> bool:
    whole = text.isprintable() and "\ufffd" not in text and text[0] != " " and text[-1] != " "
    return whole and not holds_card_number(text)


@lru_cache(maxsize=1024)
def _are_as_all_write_them(terms: str) -> bool:
    try:
        return str(PaymentTerms.parse(terms)) == terms and not holds_card_number(terms)
    except InvalidPaymentTermsError:
        return False


def _is_business_day(day: date | None) -> bool:
    return day is None or FIRST_DAY <= day <= LAST_DAY


class CreditCheckBatchBody(Body):
    """Orders to be checked, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"checks": [ASKED]}]})

    checks: list[SkipValidation[CreditCheckBody]] = Field(
        min_length=1, max_length=CHECKS_MAX, description="Each is answered by its own decision or problem"
    )


class PlainBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A list of checks whose parts are still to be read."""

    checks: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=CHECKS_MAX)]


_batch = msgspec.json.Decoder(PlainBatch)


def parts_of(content: bytes) -> list[msgspec.Raw] | None:
    """Return the checks of a list, each as its own bytes; None where `CreditCheckBatchBody` has to judge."""
    try:
        return _batch.decode(content).checks
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


class CreditCheckResults(BaseModel):
    """The decisions, in the order of the checks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"results": [ANSWERED]}]})

    results: list[CreditDecision | Problem] = Field(
        description="One for each check in its order: a decision, or the problem with that check"
    )
