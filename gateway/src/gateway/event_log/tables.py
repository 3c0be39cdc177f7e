"""One row per public event, as it was published."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Index, String, Text
from sqlmodel import Field

from gateway.rows import Row
from shared.database import ID, INSTANT


class LoggedEventRow(Row, table=True):
    """A public event and its place in the order that every reader sees."""

    __tablename__ = "event_log"
    __table_args__ = (
        Index("ix_event_log_type_position", "type", "position"),
        Index("ix_event_log_customer_id_position", "customer_id", "position"),
    )

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: str = Field(sa_column=Column(ID, nullable=False, unique=True))
    type: str = Field(sa_column=Column(String(64), nullable=False))
    customer_id: str | None = Field(sa_column=Column(String(64)))
    time: datetime = Field(sa_column=Column(INSTANT, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False, comment="the CloudEvent as published"))
