"""One row per period that was ever closed: what has no row is open. A trigger of the journal reads it (`ledger/tables.py`)."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import INSTANT


class PeriodRow(Row, table=True):
    """A period of a company code. `closed_behind` is the journal's last sequence when it was closed: no entry of it is later."""

    __tablename__ = "periods"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed')", name="open_or_closed"),
        CheckConstraint("(status = 'closed') = (closed_behind is not null)", name="closed_behind_an_entry"),
        CheckConstraint(r"period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="is_a_month"),
    )

    company_code: str = Field(primary_key=True, max_length=20)
    period: str = Field(primary_key=True, max_length=7)
    version: int
    status: str = Field(max_length=6)
    closed_behind: int | None = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)
