"""What a case is opened with, and what is refused in opening one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dispute_service.disputes.domain.reason import Priority
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.money import Money, TooManyDecimalsError


class DisputeNotFoundError(NotFoundError):
    """No case has this id."""

    code = "dispute_not_found"

    def __init__(self, dispute_id: str) -> None:
        super().__init__(f"There is no dispute {dispute_id}: find its id with GET /v1/disputes.")


class ForeignItemError(InvalidError):
    """An item belongs to another customer, or is in another currency than the case."""

    code = "foreign_item"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class ClaimTooFineError(InvalidError):
    """A claim has more decimals than the item's currency."""

    code = "too_many_decimals"

    def __init__(self, amount: Decimal, currency: str, *, field: str) -> None:
        super().__init__(f"{amount} has more decimals than {currency}, the item's currency, allows.", field=field)


class NothingLeftToDisputeError(ConflictError):
    """What the case claims is paid, credited or disputed by another case."""

    code = "nothing_left_to_dispute"

    def __init__(self, number: str) -> None:
        super().__init__(f"Nothing is left to dispute in {number}: its items are paid, credited or disputed elsewhere.")


class DisputesTooMuchError(ConflictError):
    """A claim is higher than what is open on the item and not disputed by another case."""

    code = "disputes_too_much"

    def __init__(self, number: str, left: Money, *, field: str) -> None:
        super().__init__(f"Of item {number} only {left} can still be disputed.", field=field)


class BatchTooLargeError(InvalidError):
    """The claims of a batch name more items than are taken at once."""

    code = "batch_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"Send claims on at most {most} items at once: split the batch.", field="disputes")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the customer says. `reason_code` is in its normal form."""

    customer_id: str
    reason_code: str
    description: str
    source: str
    opened_on: date
    claim_reference: str | None = None
    contact: str | None = None
    priority: Priority | None = None
    coordinator: str | None = None
    processor: str | None = None


@dataclass(frozen=True, slots=True)
class NewClaim:
    """How much of one item is claimed."""

    item_id: str
    amount: Money


def claimed(amount: Decimal, currency: str, *, field: str) -> Money:
    """Return a claimed amount in its item's currency; raise `ClaimTooFineError`."""
    try:
        return Money(amount, currency)
    except TooManyDecimalsError:
        raise ClaimTooFineError(amount, currency, field=field) from None


def ensure_one_debtor(customer_id: str, currency: str, *, items: Sequence[tuple[str, str, str]]) -> None:
    """Raise `ForeignItemError` where one of the items (number, customer, currency) does not belong into one case."""
    for position, (number, owner, item_currency) in enumerate(items):
        field = f"items.{position}.item_id"
        if owner != customer_id:
            raise ForeignItemError(f"Item {number} is not one of customer {customer_id}.", field=field)
        if item_currency != currency:
            raise ForeignItemError(
                f"Item {number} is in {item_currency}, not in {currency}: open a case for each currency.", field=field
            )
