"""Why a refund may not be."""

from decimal import Decimal

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.money import Money


class RefundNotFoundError(NotFoundError):
    """No refund has this id."""

    code = "refund_not_found"

    def __init__(self, refund_id: str) -> None:
        super().__init__(f"There is no refund {refund_id}: find it with GET /v1/refunds.")


class RefundSourceError(InvalidError):
    """What the body names cannot be refunded to this customer in this currency."""

    code = "not_refundable"


class NothingToRefundError(ConflictError):
    """Nothing is free of what the body names."""

    code = "nothing_to_refund"

    def __init__(self, source_id: str, pending: Decimal, currency: str, *, field: str) -> None:
        waiting = f" {pending} {currency} of it wait in other refunds: decide or cancel those first." if pending else ""
        super().__init__(f"Nothing of {source_id} is free to be refunded.{waiting or ' Leave it out.'}", field=field)


class RefundExceedsError(ConflictError):
    """More is to be refunded than is free."""

    code = "refund_exceeds_credit"

    def __init__(self, free: Money) -> None:
        super().__init__(f"Only {free} of it is free to be refunded: ask for at most that.", field="amount")


class RefundNotCoveredError(ConflictError):
    """What was to be refunded was used meanwhile."""

    code = "refund_not_covered"

    def __init__(self, source_id: str, left: Decimal, wanted: Money) -> None:
        super().__init__(
            f"Of {source_id} only {left} {wanted.currency} is left, less than the {wanted} to refund:"
            " reject this refund and ask for what is left."
        )


class RefundStateError(ConflictError):
    """The refund is not in a state that allows it."""

    code = "refund_state"

    def __init__(self, refund_id: str, status: str, needed: str) -> None:
        super().__init__(f"Refund {refund_id} is {status}; this needs one that is {needed}.")


class NotYourRefundError(ForbiddenError):
    """Only who asked may cancel."""

    code = "not_your_request"

    def __init__(self) -> None:
        super().__init__("Only who asked for the refund may cancel it: reject it instead.")


class RefundRechargedError(ConflictError):
    """The refunded payment was returned by the bank, and the customer was charged for the refund."""

    code = "refund_recharged"

    def __init__(self, item_id: str) -> None:
        super().__init__(
            f"The payment behind this refund was returned, and item {item_id} charges the customer for what was paid out:"
            " post what comes back as a receipt and apply it to that item."
        )


class UnknownHouseAccountError(InvalidError):
    """The refund cannot be paid from this account."""

    code = "unknown_house_account"

    def __init__(self, account: str, company_code: str, currency: str) -> None:
        super().__init__(
            f"{account} is no house bank account of company {company_code} in {currency}:"
            " see GET /v1/bank-accounts, or leave paid_from out.",
            field="paid_from",
        )
