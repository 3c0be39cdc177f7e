"""One row per house bank account."""

from sqlmodel import Field

from cashapp_service.bank_accounts.domain import BankAccount
from cashapp_service.rows import Row


class BankAccountRow(Row, table=True):
    """A house bank account."""

    __tablename__ = "bank_accounts"

    account: str = Field(primary_key=True, max_length=64)
    version: int
    currency: str = Field(max_length=3)
    company_code: str = Field(max_length=20)
    ledger_account: str = Field(max_length=40)
    name: str | None = Field(max_length=200)


def to_bank_account(row: BankAccountRow) -> BankAccount:
    """Return the account of a row."""
    return BankAccount(row.account, row.currency, row.company_code, row.ledger_account, row.name)
