"""One row per statement and one per entry. A statement is kept whole, so that it can always be proved again."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT


class StatementRow(Row, table=True):
    """A bank statement. `account` is the house bank account, `stated_account` how the bank writes it."""

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("account", "fingerprint"),
        CheckConstraint("not proved or (opening_balance is not null and closing_balance is not null)", name="proved"),
        Index("ix_statements_import_id", "import_id", "statement_id"),
    )

    statement_id: str = Field(primary_key=True, max_length=64)
    import_id: str = Field(max_length=64)
    account: str = Field(max_length=64, foreign_key="bank_accounts.account", index=True)
    stated_account: str = Field(max_length=64)
    number: str = Field(max_length=100)
    currency: str = Field(max_length=3)
    opening_balance: Decimal | None = Field(sa_type=AMOUNT)
    opening_date: date | None
    closing_balance: Decimal | None = Field(sa_type=AMOUNT)
    closing_date: date | None
    entries: int
    proved: bool
    continuity: str = Field(max_length=10)
    fingerprint: str = Field(max_length=64)
    imported_at: datetime = Field(sa_type=INSTANT)


class StatementEntryRow(Row, table=True):
    """An entry. `known_as` names the entry of an earlier statement that it is; the receipt is that entry's then."""

    __tablename__ = "statement_entries"
    __table_args__ = (
        UniqueConstraint("statement_id", "position"),
        Index("ix_statement_entries_account", "account", "booking_date", "amount"),
    )

    entry_id: str = Field(primary_key=True, max_length=64)
    statement_id: str = Field(max_length=64, foreign_key="statements.statement_id")
    account: str = Field(max_length=64)
    position: int
    booking_date: date
    value_date: date
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    bank_reference: str | None = Field(sa_type=Text)
    customer_reference: str | None = Field(sa_type=Text)
    payer_name: str | None = Field(sa_type=Text)
    payer_account: str | None = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    transaction_code: str | None = Field(sa_type=Text)
    reversal: bool
    balance_before: Decimal | None = Field(sa_type=AMOUNT)
    known_as: str | None = Field(max_length=64, foreign_key="statement_entries.entry_id")
    receipt_id: str | None = Field(max_length=64, foreign_key="receipts.receipt_id")
