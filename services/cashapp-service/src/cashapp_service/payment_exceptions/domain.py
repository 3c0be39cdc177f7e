"""Why payments come back, how long there is to react, and what may come of it."""

from datetime import date, timedelta
from typing import Literal

from shared.errors import ConflictError, InvalidError, NotFoundError

ReturnReason = Literal["nsf", "stopped", "closed_account", "chargeback", "card_error", "duplicate"]
Outcome = Literal["represented", "replaced", "collected", "won", "lost", "written_off", "accepted"]

DAYS_TO_REACT: dict[ReturnReason, int] = {
    "nsf": 10,
    "stopped": 10,
    "closed_account": 5,
    "chargeback": 30,
    "card_error": 5,
    "duplicate": 10,
}
"""Days from the return to the deadline; a chargeback can be contested for about a month."""


class PaymentExceptionNotFoundError(NotFoundError):
    """No payment exception has this id."""

    code = "payment_exception_not_found"

    def __init__(self, exception_id: str) -> None:
        super().__init__(f"There is no payment exception {exception_id}: see GET /v1/payment-exceptions.")


class AlreadyResolvedError(ConflictError):
    """The exception was resolved before."""

    code = "already_resolved"

    def __init__(self, outcome: str) -> None:
        super().__init__(f"The payment exception was resolved before, with the outcome {outcome}.")


class ReturnedBeforeReceivedError(InvalidError):
    """The return has an earlier value date than the receipt."""

    code = "returned_before_received"

    def __init__(self, value_date: date) -> None:
        super().__init__(f"The payment came in on {value_date}: it cannot be returned before.", field="value_date")


class FeeWithoutPayerError(InvalidError):
    """A fee is charged for the return of a payment nobody is known to have made."""

    code = "fee_without_payer"

    def __init__(self) -> None:
        super().__init__("The payer is not identified: there is nobody to charge a fee to.", field="fee")


def deadline(reason: ReturnReason, returned_on: date) -> date:
    """Return the last day to react to a return."""
    return returned_on + timedelta(days=DAYS_TO_REACT[reason])
