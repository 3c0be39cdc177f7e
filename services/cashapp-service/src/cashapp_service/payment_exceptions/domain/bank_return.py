"""What the bank says when it takes a payment back, and what is charged for that."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.applications.domain.refusals import check_decimals
from cashapp_service.payment_exceptions.domain.reasons import ReturnReason, deadline, reason_of
from cashapp_service.payment_exceptions.domain.refusals import (
    BeforeReturnError,
    FeeWithoutPayerError,
    ReturnedBeforeReceivedError,
)
from cashapp_service.receipts.domain import Receipt, ReceiptReturnedError
from shared.money import Money

FeePayer = Literal["customer", "company"]


@dataclass(frozen=True, slots=True)
class OpenedException:
    """The exception that a return has opened, and the debit memo of its fee, if the customer was charged one."""

    exception_id: str
    fee_item_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReturn:
    """How a payment came back. Either our reason or the scheme's code is there; the fee is in the receipt's currency."""

    value_date: date
    reason: ReturnReason | None = None
    reason_code: str | None = None
    fee: Decimal | None = None
    fee_borne_by: FeePayer = "customer"
    deadline_on: date | None = None
    posting_date: date | None = None

    @property
    def meant(self) -> ReturnReason:
        """Why it came back; raise `ReasonMissingError`, `ReasonsDifferError`."""
        return reason_of(self.reason, self.reason_code)

    @property
    def react_by(self) -> date:
        """The last day to react: the bank's, else by reason and scheme."""
        return self.deadline_on or deadline(self.meant, self.value_date, self.reason_code)

    def charged(self, receipt: Receipt) -> Money | None:
        """Return the fee that the customer is charged, if he is charged any."""
        return Money(self.fee, receipt.currency) if self.fee and self.fee_borne_by == "customer" else None

    def check(self, receipt: Receipt) -> None:
        """Raise where a receipt cannot be returned like this.

        Raises `ReceiptReturnedError` for one that was returned before, `ReturnedBeforeReceivedError`, `BeforeReturnError`,
        `FinerThanCurrencyError` for a fee finer than the receipt's currency, and `FeeWithoutPayerError`.
        """
        if receipt.status == "returned":
            raise ReceiptReturnedError
        if self.value_date < receipt.value_date:
            raise ReturnedBeforeReceivedError(receipt.value_date)
        for name, day in (("deadline_on", self.deadline_on), ("posting_date", self.posting_date)):
            if day is not None and day < self.value_date:
                raise BeforeReturnError(self.value_date, field=name)
        if self.fee is not None:
            check_decimals(self.fee, receipt.currency, field="fee")
        if self.charged(receipt) and receipt.customer_id is None:
            raise FeeWithoutPayerError
