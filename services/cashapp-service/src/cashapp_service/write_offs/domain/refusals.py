"""Why a write-off may not be."""

from decimal import Decimal

from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, differing


class WriteOffNotFoundError(NotFoundError):
    """No write-off has this id."""

    code = "write_off_not_found"

    def __init__(self, write_off_id: str) -> None:
        super().__init__(f"There is no write-off {write_off_id}: find it with GET /v1/write-offs.")


class NotWritableOffError(InvalidError):
    """What the body names is no receivable that could be written off together."""

    code = "not_writable_off"


class WriteOffExceedsError(ConflictError):
    """More is to be written off than is open and not waiting already."""

    code = "write_off_exceeds_balance"

    def __init__(self, number: str, free: Decimal, pending: Decimal, currency: str, *, field: str) -> None:
        waiting = f"; {pending} {currency} wait in other write-offs" if pending else ""
        super().__init__(
            f"Of {number} at most {free} {currency} may be written off{waiting}: ask for no more.", field=field
        )


class WriteOffNotCoveredError(ConflictError):
    """The item was paid or credited meanwhile."""

    code = "write_off_not_covered"

    def __init__(self, number: str, balance: Decimal, wanted: Decimal, currency: str) -> None:
        super().__init__(
            f"Only {balance} {currency} of {number} is open now, less than the {wanted} to write off:"
            " reject this write-off and ask for what is left."
        )


class WriteOffExistsError(ConflictError):
    """The request id is taken by a write-off with other content."""

    code = "write_off_exists"

    def __init__(self, request_id: str, fields: list[str]) -> None:
        super().__init__(
            f"There is another write-off for the request {request_id}: it differs in {', '.join(fields)}."
            " Send the same content, or another request_id.",
            errors=differing(fields),
        )


class WriteOffStateError(ConflictError):
    """The write-off is not in a state that allows it."""

    code = "write_off_state"

    def __init__(self, write_off_id: str, status: str, needed: str) -> None:
        super().__init__(f"Write-off {write_off_id} is {status}; this needs one that is {needed}.")


class NotYourWriteOffError(ForbiddenError):
    """Only who asked may cancel."""

    code = "not_your_request"

    def __init__(self) -> None:
        super().__init__("Only who asked for the write-off may cancel it: reject it instead.")


class WriteOffRecoveredError(ConflictError):
    """Money was received for what was written off."""

    code = "write_off_recovered"

    def __init__(self, write_off_id: str) -> None:
        super().__init__(
            f"Money was recovered of write-off {write_off_id}: reverse its recoveries first, then apply the money to the item."
        )


class RecoveryExceedsError(ConflictError):
    """More is recovered than was written off."""

    code = "recovery_exceeds_write_off"

    def __init__(self, number: str, left: Decimal, currency: str) -> None:
        super().__init__(
            f"Of {number} {left} {currency} is written off and not recovered: book at most that, the rest is unapplied money.",
            field="amount",
        )
