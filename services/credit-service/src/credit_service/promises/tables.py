"""The projection: one row per promise in the newest state that was told, so that late and repeated events change nothing."""

from datetime import date

from sqlmodel import Field

from credit_service.rows import Row


class PromiseRow(Row, table=True):
    """A promise to pay."""

    __tablename__ = "promises"

    promise_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64, index=True)
    broken_on: date | None = Field(description="The promised day, where the promise is broken in whole or in part")
