"""Entries and lines.

Triggers refuse any change of them, an entry whose lines (written by one statement, and numbered from 1) do not balance, a line
without its entry or that differs from it, and what is dated in a closed period.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT


class JournalEntryRow(Row, table=True):
    """The head of a journal entry."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        Index("ix_journal_entries_document_id", "document_id", postgresql_where="document_id is not null"),
        Index("ix_journal_entries_receipt_id", "receipt_id", postgresql_where="receipt_id is not null"),
    )

    entry_id: str = Field(primary_key=True, max_length=64)
    sequence: int = Field(sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False))
    kind: str = Field(max_length=20)
    posting_date: date
    value_date: date | None
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    receipt_id: str | None = Field(max_length=64)
    application_id: str | None = Field(max_length=64)
    dispute_id: str | None = Field(max_length=64)
    document_id: str | None = Field(max_length=64)
    posted_at: datetime = Field(sa_type=INSTANT)
    posted_by: str | None = Field(max_length=200, description="Who asked for it; None where an event or a job did")


class JournalLineRow(Row, table=True):
    """A line; company code, currency and days repeat the head's, so that sums need no join."""

    __tablename__ = "journal_lines"
    __table_args__ = (
        CheckConstraint("debit >= 0 and credit >= 0 and (debit = 0) <> (credit = 0)", name="one_side"),
        CheckConstraint("account <> 'receivables' or item_id is not null", name="receivables_by_item"),
        CheckConstraint(
            "account not in ('unapplied_cash', 'on_account_cash', 'unidentified_cash') or receipt_id is not null",
            name="cash_by_receipt",
        ),
        Index("ix_journal_lines_account", "account", "posting_date"),
        Index("ix_journal_lines_customer_id", "customer_id", postgresql_where="customer_id is not null"),
        Index("ix_journal_lines_item_id", "item_id", "posting_date", postgresql_where="account = 'receivables'"),
        Index("ix_journal_lines_receipt_id", "receipt_id", postgresql_where="receipt_id is not null"),
    )

    entry_id: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    posting_id: str = Field(max_length=64)
    account: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    debit: Decimal = Field(sa_type=AMOUNT)
    credit: Decimal = Field(sa_type=AMOUNT)
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    posting_date: date
    customer_id: str | None = Field(max_length=64)
    item_id: str | None = Field(max_length=64, foreign_key="items.item_id")
    receipt_id: str | None = Field(max_length=64, foreign_key="receipts.receipt_id")
    application_id: str | None = Field(max_length=64)
    dispute_id: str | None = Field(max_length=64)
