"""Why a return, or what is to be done about one, may not be."""

from collections.abc import Sequence
from datetime import date

from shared.errors import ConflictError, InvalidError, NotFoundError, differing
from shared.money import Money


class PaymentExceptionNotFoundError(NotFoundError):
    """No payment exception has this id."""

    code = "payment_exception_not_found"

    def __init__(self, exception_id: str) -> None:
        super().__init__(f"There is no payment exception {exception_id}: see GET /v1/payment-exceptions.")


class AlreadyResolvedError(ConflictError):
    """The exception was resolved before."""

    code = "already_resolved"

    def __init__(self, outcome: str) -> None:
        super().__init__(
            f"The payment exception was resolved before, with the outcome {outcome}: reopen it first if that was wrong."
        )


class NotResolvedError(ConflictError):
    """Only what was resolved can be reopened."""

    code = "not_resolved"

    def __init__(self, status: str) -> None:
        super().__init__(f"The payment exception is {status}: there is nothing to reopen.")


class MoneyCameBackError(ConflictError):
    """An exception whose money came back is not reopened."""

    code = "money_came_back"

    def __init__(self, receipt_id: str) -> None:
        super().__init__(
            f"The money came back with receipt {receipt_id}: if the bank took that back too, return that receipt."
        )


class ReturnedBeforeReceivedError(InvalidError):
    """The return has an earlier value date than the receipt."""

    code = "returned_before_received"

    def __init__(self, value_date: date) -> None:
        super().__init__(f"The payment came in on {value_date}: it cannot be returned before.", field="value_date")


class ReturnExceedsReceiptError(ConflictError):
    """More is said to have come back than is left of the receipt."""

    code = "return_exceeds_receipt"

    def __init__(self, left: Money) -> None:
        super().__init__(
            f"The bank can have taken back at most {left} of it: send that amount, or none.", field="amount"
        )


class ReturnExistsError(ConflictError):
    """The case reference is that of another return of the same receipt."""

    code = "return_exists"

    def __init__(self, case_reference: str, fields: list[str]) -> None:
        super().__init__(
            f"The receipt was returned with the case reference {case_reference} before: that return differs in"
            f" {', '.join(fields)}. Send the same content, or the reference of this return.",
            errors=differing(fields),
        )


class PartialReturnError(InvalidError):
    """A payment that comes back whole is said to have come back in part."""

    code = "partial_return"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"Only a card payment comes back in part, one by {method} does whole: leave the amount out.", field="amount"
        )


class ApplicationsOfWholeError(InvalidError):
    """Applications are named of a return that takes back every one."""

    code = "applications_of_whole"

    def __init__(self) -> None:
        super().__init__(
            "The whole receipt comes back, with every application: leave application_ids out, or send the amount of the part.",
            field="application_ids",
        )


class BeforeReturnError(InvalidError):
    """Something was done about a return before there was one."""

    code = "before_return"

    def __init__(self, value_date: date, *, field: str) -> None:
        super().__init__(f"The payment was returned on {value_date}: send that day or a later one.", field=field)


class FeeWithoutPayerError(InvalidError):
    """A fee is charged for the return of a payment nobody is known to have made."""

    code = "fee_without_payer"

    def __init__(self) -> None:
        super().__init__(
            "The payer is not identified: there is nobody to charge a fee to. Send fee_borne_by=company, or no fee.",
            field="fee",
        )


class ReasonMissingError(InvalidError):
    """Neither a reason nor a known code says why the payment came back."""

    code = "return_reason_missing"

    def __init__(self, code: str | None) -> None:
        why = f"The code {code} is none of GET /v1/payment-exception-reasons" if code else "There is no reason_code"
        super().__init__(f"{why}: send the reason beside it.", field="reason")


class ReasonsDifferError(InvalidError):
    """The reason is another than the one that the scheme's code means."""

    code = "return_reasons_differ"

    def __init__(self, code: str, meaning: str, reason: str) -> None:
        super().__init__(f"{code} says: {meaning}. That is {reason}: send this reason, or none.", field="reason")


class NotPossibleError(ConflictError):
    """The step is not one that this exception can take as it stands."""

    code = "step_not_possible"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class DeadlinePassedError(ConflictError):
    """The deadline was over when it was contested."""

    code = "deadline_passed"

    def __init__(self, deadline_on: date) -> None:
        super().__init__(
            f"It could be contested until {deadline_on}: resolve it as lost or accepted.", field="contested_on"
        )


class EvidenceMissingError(ConflictError):
    """A return is contested without evidence."""

    code = "evidence_missing"

    def __init__(self) -> None:
        super().__init__("Nothing speaks for you yet: add evidence with POST …/evidence before you contest it.")


class EvidenceNotFoundError(NotFoundError):
    """The exception has no such evidence, or no file belongs to it."""

    code = "evidence_not_found"

    def __init__(self, evidence_id: str) -> None:
        super().__init__(
            f"There is no file of evidence {evidence_id}: see `evidence` of the payment exception; what has no file_name is kept"
            " where its reference says."
        )


class EvidenceFileError(InvalidError):
    """The file cannot be kept as evidence."""

    code = "evidence_file"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="file")


class OutcomeNotPossibleError(ConflictError):
    """The outcome cannot be that of an exception that stands where this one does."""

    code = "outcome_not_possible"

    def __init__(self, outcome: str, status: str, reason: str, possible: Sequence[str]) -> None:
        super().__init__(
            f"A payment returned as {reason} that is {status} cannot end as {outcome}; it can as {', '.join(possible)}.",
            field="outcome",
        )


class MoneyBackMissingError(InvalidError):
    """The money came back, and nobody says when."""

    code = "money_back_missing"

    def __init__(self) -> None:
        super().__init__(
            "The money came back: send the value_date on which it did, or the receipt_id of the receipt it came with.",
            field="value_date",
        )


class NoMoneyBackError(InvalidError):
    """Money is said to have come back with an outcome that brings none."""

    code = "no_money_back"

    def __init__(self, outcome: str, field: str) -> None:
        super().__init__(f"The outcome {outcome} brings no money by itself: leave {field} out.", field=field)


class UnfitReceiptError(InvalidError):
    """The receipt cannot be the one with which the money came back."""

    code = "unfit_receipt"

    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail} Send the receipt with which this payment's money came back.", field="receipt_id")
