"""One row per day, base and currency."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from credit_service.rows import Row


class ExchangeRateRow(Row, table=True):
    """Units of `currency` for one unit of `base`, from `rates_date` on until a newer one."""

    __tablename__ = "exchange_rates"
    __table_args__ = (CheckConstraint("rate > 0", name="rate_positive"),)

    rates_date: date = Field(primary_key=True)
    base: str = Field(primary_key=True, max_length=3)
    currency: str = Field(primary_key=True, max_length=3)
    rate: Decimal = Field(sa_type=Numeric(20, 10))
