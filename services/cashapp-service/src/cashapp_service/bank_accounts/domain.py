"""What a house bank account is, and how its number is brought to one form."""

import re
from dataclasses import dataclass

from cashapp_service.ledger.domain import Account
from shared.errors import ConflictError, InvalidError

ACCOUNT_LENGTH_MAX = 64


class ReservedLedgerAccountError(InvalidError):
    """The ledger account is one that the sub-ledger keeps for something else."""

    code = "reserved_ledger_account"

    def __init__(self, ledger_account: str) -> None:
        super().__init__(
            f"{ledger_account} is kept for something else than money in the bank: choose another, such as cash or 1810.",
            field="ledger_account",
        )


class AccountCurrencyFixedError(ConflictError):
    """The currency or company code of an account that has statements is changed."""

    code = "account_in_use"

    def __init__(self, account: str, *, field: str) -> None:
        super().__init__(
            f"Account {account} has statements: its currency and company code can no longer be changed.", field=field
        )


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A house bank account; `account` is its IBAN or number in capitals without blanks and punctuation."""

    account: str
    currency: str
    company_code: str
    ledger_account: str
    name: str | None = None


def normalised(account: str) -> str:
    """Return an IBAN or account number in the form in which it is known."""
    return re.sub(r"[^A-Z0-9]", "", account.upper())[:ACCOUNT_LENGTH_MAX]


def check_ledger_account(ledger_account: str) -> None:
    """Raise `ReservedLedgerAccountError` for an account that the sub-ledger keeps for something else."""
    if ledger_account in set(Account) - {Account.CASH}:
        raise ReservedLedgerAccountError(ledger_account)
