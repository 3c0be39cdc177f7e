"""Shapes of exchange rates on the wire."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from credit_service.exchange_rates.domain import RATE_DECIMALS
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode

_RATE_MAX = Decimal(10**9)


def _rate_from_wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or len(value) > 20 or not value.replace(".", "", 1).isascii():
        raise PydanticCustomError("rate_not_text", 'Send the rate as a decimal string such as "1.0821".')
    if not value.replace(".", "", 1).isdigit():
        raise PydanticCustomError("rate_malformed", 'Write the rate as digits and one point, such as "1.0821".')
    rate = Decimal(value)
    if not RATE_DECIMALS <= rate <= _RATE_MAX or rate != rate.quantize(RATE_DECIMALS):
        raise PydanticCustomError(
            "rate_out_of_range", "A rate is positive, at most 1000000000, with at most 10 decimals."
        )
    return rate


Rate = Annotated[
    Decimal,
    BeforeValidator(_rate_from_wire),
    PlainSerializer(lambda rate: format(rate.normalize(), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}(\.\d{1,10})?$", "examples": ["1.0821"]}),
]


class ExchangeRatesBody(Body):
    """The rates of one day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"base": "EUR", "rates": {"USD": "1.0821"}}]})

    base: CurrencyCode = Field(description="The group currency, ISO 4217")
    rates: dict[CurrencyCode, Rate] = Field(
        min_length=1, max_length=200, description="Units of each currency for one unit of the base"
    )


class ExchangeRates(BaseModel):
    """The rates stored for one day."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"date": "2026-03-31", "base": "EUR", "rates": {"USD": "1.0821"}}]}
    )

    date: Day = Field(description="First day on which they hold, until newer ones")
    base: str = Field(description="ISO 4217, the group currency")
    rates: dict[str, Rate] = Field(description="By currency (ISO 4217): units of it for one unit of the base")


class RateBetween(BaseModel):
    """What one currency is worth in another on a day."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"date": "2026-03-31", "currency": "USD", "target": "EUR", "rate": "0.9241"}]}
    )

    date: Day = Field(description="YYYY-MM-DD, the day asked for; the rate may be that of a day before")
    currency: str = Field(description="ISO 4217 code of what is converted")
    target: str = Field(description="ISO 4217 code of what it is converted to")
    rate: Rate = Field(description="Units of `target` for one unit of `currency`")
