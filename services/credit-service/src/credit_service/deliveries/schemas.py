"""Shapes of deliveries on the wire."""

from pydantic import ConfigDict, Field, field_validator

from credit_service.fulfilment.schemas import SENT
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, PositiveAmount, fits_currency
from shared.texts import Key


class DeliveryBody(Body):
    """Goods that left for an order."""

    model_config = ConfigDict(json_schema_extra={"examples": [SENT]})

    delivery_id: Key = Field(description="The ERP's delivery number, unique in the order")
    currency: CurrencyCode = Field(description="ISO 4217")
    amount: PositiveAmount = Field(description="Sales value of the goods, in `currency`")
    delivered_on: Day = Field(description="Day of the goods issue; its exchange rate is kept with the delivery")
    customer_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Needed for an order that was never checked; else the order's own",
    )

    fitting = field_validator("amount")(fits_currency)


class DeliveryCancelBody(Body):
    """Why a delivery does not count any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Refused at the ramp, goods came back."}]})

    note: str = Field(default="", max_length=4000, description="What is said with it, in words")
