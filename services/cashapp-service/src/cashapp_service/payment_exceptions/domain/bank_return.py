"""What the bank says when it takes a payment back, and what is charged for that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from cashapp_service.applications.domain.refusals import check_decimals
from cashapp_service.payment_exceptions.domain.reasons import ReturnReason, deadline, reason_of
from cashapp_service.payment_exceptions.domain.refusals import (
    ApplicationsOfWholeError,
    BeforeReturnError,
    FeeWithoutPayerError,
    PartialReturnError,
    ReturnedBeforeReceivedError,
    ReturnExceedsReceiptError,
    ReturnExistsError,
)
from cashapp_service.receipts.domain import Receipt, ReceiptReturnedError
from shared.money import Money

FeePayer = Literal["customer", "company"]


def _plain(amount: Decimal | None) -> str | None:
    """Return an amount in the one way in which it can be compared: `300`, whether it was sent as 300.00 or 300.0."""
    return None if amount is None else f"{amount.normalize():f}"


@dataclass(frozen=True, slots=True)
class OpenedException:
    """The exception that a return has opened, or had opened when it was `repeated`, and the debit memo of its fee, if any."""

    exception_id: str
    fee_item_id: str | None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReturn:
    """How a payment came back. Either our reason or the scheme's code is there; amounts are in the receipt's currency.

    `amount` is what the bank took, of a card payment perhaps a part; without it, all that is there. `application_ids` are those
    that a part concerns. `case_reference` is the bank's own number of the return: by it, and the receipt, it is known again.
    """

    value_date: date
    amount: Decimal | None = None
    application_ids: tuple[str, ...] = ()
    reinstate: bool = True
    reason: ReturnReason | None = None
    reason_code: str | None = None
    fee: Decimal | None = None
    fee_borne_by: FeePayer = "customer"
    deadline_on: date | None = None
    posting_date: date | None = None
    case_reference: str | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is said of the return, apart from its key, as it is stored: equal for what means the same, however written."""
        return {
            "reason": self.meant,
            "reason_code": self.reason_code,
            "value_date": self.value_date.isoformat(),
            "amount": _plain(self.amount),
            "application_ids": sorted(self.application_ids),
            "reinstate": self.reinstate,
            "posting_date": self.posting_date.isoformat() if self.posting_date else None,
            "fee": _plain(self.fee),
            "fee_borne_by": self.fee_borne_by if self.fee else None,
            "deadline_on": self.react_by.isoformat(),
        }

    def check_repeat(self, before: Mapping[str, Any]) -> None:
        """Raise `ReturnExistsError` where something else was said of the return with the same case reference."""
        said = self.said
        differing = [name for name in said if said[name] != before[name]]
        if differing:
            assert self.case_reference is not None
            raise ReturnExistsError(self.case_reference, differing)

    @property
    def meant(self) -> ReturnReason:
        """Why it came back; raise `ReasonMissingError`, `ReasonsDifferError`."""
        return reason_of(self.reason, self.reason_code)

    @property
    def react_by(self) -> date:
        """The last day to react: the bank's, else by reason and scheme."""
        return self.deadline_on or deadline(self.meant, self.value_date, self.reason_code)

    def taken_of(self, receipt: Receipt) -> Decimal:
        """Return how much the bank took of a receipt."""
        return receipt.amount - receipt.returned if self.amount is None else self.amount

    def is_partial(self, receipt: Receipt) -> bool:
        """Whether the bank left something of a receipt."""
        return self.taken_of(receipt) < receipt.amount - receipt.returned

    def charged(self, receipt: Receipt) -> Money | None:
        """Return the fee that the customer is charged, if he is charged any."""
        return Money(self.fee, receipt.currency) if self.fee and self.fee_borne_by == "customer" else None

    def check(self, receipt: Receipt) -> None:
        """Raise where a receipt cannot be returned like this.

        Raises `ReceiptReturnedError` for one that was returned before, `ReturnedBeforeReceivedError`, `BeforeReturnError`,
        `ReturnExceedsReceiptError`, `PartialReturnError`, `ApplicationsOfWholeError`, `FinerThanCurrencyError` for an amount
        finer than the receipt's currency, and `FeeWithoutPayerError`.
        """
        if receipt.status == "returned":
            raise ReceiptReturnedError
        if self.value_date < receipt.value_date:
            raise ReturnedBeforeReceivedError(receipt.value_date)
        for name, day in (("deadline_on", self.deadline_on), ("posting_date", self.posting_date)):
            if day is not None and day < self.value_date:
                raise BeforeReturnError(self.value_date, field=name)
        self._check_amount(receipt)
        if self.fee is not None:
            check_decimals(self.fee, receipt.currency, field="fee")
        if self.charged(receipt) and receipt.customer_id is None:
            raise FeeWithoutPayerError

    def _check_amount(self, receipt: Receipt) -> None:
        amount, left = self.taken_of(receipt), receipt.amount - receipt.returned
        check_decimals(amount, receipt.currency, field="amount")
        if amount > left:
            raise ReturnExceedsReceiptError(Money(left, receipt.currency))
        if amount < left and receipt.method != "card":
            raise PartialReturnError(receipt.method)
        if self.application_ids and amount == left:
            raise ApplicationsOfWholeError
