"""The projection: one row per receipt that was ever told to be returned."""

from datetime import date

from sqlmodel import Field

from credit_service.rows import Row


class ReturnedPaymentRow(Row, table=True):
    """A receipt that the bank took back, in whole or in part."""

    __tablename__ = "returned_payments"

    receipt_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str | None = Field(max_length=64, index=True)
    is_returned: bool = Field(description="Whether it is so in its newest state")
    value_date: date = Field(description="Of the receipt; it stands in until the return itself is told")
    returned_on: date | None = Field(description="The posting date of the return")
