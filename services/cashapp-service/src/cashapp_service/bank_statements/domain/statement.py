"""What a bank statement is, whatever format it came in, and the proof that it arrived whole.

The one thing to know: a statement whose opening balance and entries do not come to its closing balance is
refused as a whole, because a line is missing or wrong and nobody can say which.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.bank_statements.domain.file_format import FileFormat
from shared.errors import InvalidError


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One movement on the account. `amount` is signed: a credit is positive. `position` counts from 1.

    `payer_name` and `payer_account` are the other party's, who for a debit is the one paid.
    `reversal` says that the bank takes back an earlier entry; the sign is already the one that counts.
    """

    position: int
    booking_date: date
    value_date: date
    amount: Decimal
    currency: str
    bank_reference: str | None
    customer_reference: str | None
    payer_name: str | None
    payer_account: str | None
    purpose: str
    transaction_code: str | None
    reversal: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """A booked balance of the account at the start or the end of a statement, positive where it is a credit."""

    amount: Decimal
    currency: str
    on: date


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account.

    A balance is None where the file states none. `proved` says that both balances are stated and that opening
    balance + entries = closing balance; it is False where a balance is missing or an entry could not be read.
    """

    account: str
    number: str
    currency: str
    opening_balance: Decimal | None
    opening_date: date | None
    closing_balance: Decimal | None
    closing_date: date | None
    entries: tuple[StatementEntry, ...]
    proved: bool


@dataclass(frozen=True, slots=True)
class LineError:
    """What could not be taken from a file: the line, counted from 1, and a sentence of why."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """All that could be read from a file, and all that could not."""

    format: FileFormat
    statements: tuple[BankStatement, ...]
    errors: tuple[LineError, ...]


class UnreadableError(Exception):
    """A line of a file cannot be read. Never leaves the readers: it becomes a `LineError` of the report."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.error = LineError(line, message)


class ControlTotalError(InvalidError):
    """A total that the bank states is not the total of what it sent."""

    code = "control_total_failed"

    def __init__(self, *, total: str, stated: object, found: object) -> None:
        super().__init__(
            f"The {total} is stated as {stated}, but the lines come to {found}. Nothing of this statement was"
            " taken: ask the bank for the file again."
        )
        self.total = total


def prove(opening: Balance | None, closing: Balance | None, amounts: Iterable[Decimal]) -> bool:
    """Return whether opening balance + `amounts` = closing balance, False where one of the two is not stated.

    Raises `ControlTotalError` where both are stated and it does not hold.
    """
    if opening is None or closing is None:
        return False
    if opening.currency != closing.currency:
        raise ControlTotalError(
            total="closing balance",
            stated=f"{closing.amount} {closing.currency}",
            found=f"an amount in {opening.currency}, the currency of the opening balance",
        )
    found = opening.amount + sum(amounts, Decimal(0))
    if found != closing.amount:
        raise ControlTotalError(
            total="closing balance",
            stated=f"{closing.amount} {closing.currency}",
            found=f"{found} {opening.currency} (opening balance {opening.amount})",
        )
    return True
