"""One row per known payer. Of its account only the fingerprint and the last characters are kept."""

from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from cashapp_service.payers.domain import Payer
from cashapp_service.rows import Row
from shared.database import DOCUMENT


class PayerRow(Row, table=True):
    """A known payer."""

    __tablename__ = "payers"
    __table_args__ = (
        Index("ix_payers_account_fingerprint", "account_fingerprint"),
        Index("ix_payers_name", "name"),
    )

    payer_id: str = Field(primary_key=True, max_length=64)
    version: int
    name: str | None = Field(max_length=400)
    account_fingerprint: str | None = Field(max_length=64)
    account_shown: str | None = Field(max_length=16)
    pays_for: list[str] = Field(sa_type=DOCUMENT)
    changed_by: str = Field(max_length=200)


def to_payer(row: PayerRow) -> Payer:
    """Return the payer of a row."""
    return Payer(
        payer_id=row.payer_id,
        name=row.name,
        account_fingerprint=row.account_fingerprint,
        account_shown=row.account_shown,
        pays_for=tuple(row.pays_for),
    )


def columns_of(payer: Payer) -> dict[str, Any]:
    """Return what a payer is as columns."""
    return {
        "name": payer.name,
        "account_fingerprint": payer.account_fingerprint,
        "account_shown": payer.account_shown,
        "pays_for": list(payer.pays_for),
    }
