"""The shape in which cashapp-service answers for an item."""

from pydantic import BaseModel

from shared.money import Amount, CurrencyCode


class ItemAnswer(BaseModel):
    """What is read of `GET /v1/items/{id}` of cashapp-service."""

    id: str
    number: str
    customer_id: str
    balance: Amount
    currency: CurrencyCode
    version: int = 0
