"""Why an application may not be."""

from datetime import date
from decimal import Decimal

from cashapp_service.items.domain.item import Item
from cashapp_service.receipts.domain import Receipt
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.money import Money, decimals_of


class ApplicationNotFoundError(NotFoundError):
    """No application has this id."""

    code = "application_not_found"

    def __init__(self, application_id: str) -> None:
        super().__init__(f"There is no application {application_id}: see `applications` of the receipt or item.")


class AlreadyReversedError(ConflictError):
    """The application was reversed before."""

    code = "already_reversed"

    def __init__(self, application_id: str) -> None:
        super().__init__(f"Application {application_id} was reversed before; nothing is left of it to reverse.")


class NotItsApplicationError(InvalidError):
    """An application that is named is not one of the receipt that stands."""

    code = "not_its_application"

    def __init__(self, application_id: str) -> None:
        super().__init__(
            f"{application_id} is no application of this receipt that stands: see GET /v1/applications?receipt_id=….",
            field="application_ids",
        )


class UnknownItemError(InvalidError):
    """The body names an item that does not exist."""

    code = "unknown_item"

    def __init__(self, item_id: str, *, field: str) -> None:
        super().__init__(f"There is no item {item_id}: find it with GET /v1/items.", field=field)


class ForeignItemError(InvalidError):
    """The item is another customer's for whom the payer is not known to pay, or of another company code."""

    code = "foreign_item"

    def __init__(self, item: Item, receipt: Receipt, name: str, *, field: str) -> None:
        words = name.removesuffix("_id").replace("_", " ")
        remedy = (
            f"the payer must be its parent, or known to pay for it (PUT /v1/payers/{receipt.customer_id})."
            if name == "customer_id"
            else "they must be the same."
        )
        super().__init__(
            f"Item {item.number} has the {words} {getattr(item, name)}, the receipt {getattr(receipt, name)}: {remedy}",
            field=field,
        )


class ItemClearedError(ConflictError):
    """Nothing is open of the item."""

    code = "item_cleared"

    def __init__(self, item: Item, *, field: str) -> None:
        super().__init__(
            f"Item {item.number} is cleared: choose an open one, or reverse what cleared it"
            f" (`applications` of GET /v1/items/{item.item_id}).",
            field=field,
        )


class RateMissingError(InvalidError):
    """The item is in another currency than the receipt, and no rate is stated."""

    code = "exchange_rate_missing"

    def __init__(self, item: Item, receipt: Receipt) -> None:
        super().__init__(
            f"Item {item.number} is in {item.currency}, the receipt in {receipt.currency}: send among exchange_rates how"
            f" many {item.currency} one {receipt.currency} is worth on the value date.",
            field="exchange_rates",
        )


class UnneededRateError(InvalidError):
    """A rate is stated for a currency in which nothing is exchanged."""

    code = "exchange_rate_unneeded"

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"No item that needs an exchange is in {currency}: leave its rate out.", field="exchange_rates"
        )


class ReceiptAmountError(InvalidError):
    """What the receipt is to give for an item does not go with what is paid on it."""

    code = "wrong_receipt_amount"

    def __init__(self, item: Item, fact: str, *, field: str) -> None:
        super().__init__(f"receipt_amount does not go with item {item.number}: {fact}.", field=field)


class ExchangeDifferenceError(InvalidError):
    """The money is worth so much more or less than what it pays that the rate must be wrong."""

    code = "exchange_difference_too_large"

    def __init__(self, item: Item, difference: Money, rate: Decimal, *, field: str) -> None:
        super().__init__(
            f"At the rate {rate} the money for item {item.number} misses what it pays by {difference}: state the rate in"
            f" units of {item.currency} for one of the receipt's currency, or take the rest as a shortfall or on account.",
            field=field,
        )


class DiscountTwiceError(InvalidError):
    """Both a discount and what the customer deducted are stated."""

    code = "discount_twice"

    def __init__(self, *, field: str) -> None:
        super().__init__("Send discount, or discount_taken to have it divided by the terms: not both.", field=field)


class ToleranceExceededError(InvalidError):
    """The difference is too large to be written off; it is a shortfall."""

    code = "tolerance_exceeded"

    def __init__(self, limit: Money, *, of_what: str, field: str) -> None:
        super().__init__(f"At most {limit} {of_what} may be written off: take the rest as a shortfall.", field=field)


class WrongSignError(InvalidError):
    """The amount does not have the item's sign."""

    code = "wrong_sign"

    def __init__(self, item: Item, *, field: str) -> None:
        side = "negative, and without discount or write-off" if item.is_credit else "greater than zero"
        super().__init__(f"{item.number} is a {item.kind}: the amount taken of it must be {side}.", field=field)


class NothingShortError(InvalidError):
    """A shortfall is stated where the item is paid in full."""

    code = "nothing_short"

    def __init__(self, item: Item, *, field: str) -> None:
        super().__init__(f"Nothing of {item.number} is left over: leave shortfall out.", field=field)


class ReasonMissingError(InvalidError):
    """A shortfall is carried on without saying why."""

    code = "reason_missing"

    def __init__(self, *, field: str) -> None:
        super().__init__("A residual or disputed shortfall needs a reason_code, such as damage or price.", field=field)


class DiscountNotEarnedError(InvalidError):
    """More discount is taken than the terms grant on the value date."""

    code = "discount_not_earned"

    def __init__(self, item: Item, earned: Money, *, field: str) -> None:
        super().__init__(
            f"The terms of {item.number} grant a discount of {earned} on the receipt's value date:"
            " take the rest as a shortfall, or send it as discount_taken.",
            field=field,
        )


class PostedTooEarlyError(InvalidError):
    """The posting date lies before the money or one of the items was there."""

    code = "posted_too_early"

    def __init__(self, earliest: date) -> None:
        super().__init__(
            f"This can be posted from {earliest} on: by then the money and every item were there, and not cleared.",
            field="posting_date",
        )


class NothingAppliedError(InvalidError):
    """The allocations do not make an application."""

    code = "nothing_applied"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="allocations")


class ItemTwiceError(InvalidError):
    """An item stands twice among the allocations of one application."""

    code = "item_twice"

    def __init__(self, item: Item, *, field: str) -> None:
        super().__init__(
            f"Item {item.number} stands twice among the allocations: send it once, with the sum of its amounts.",
            field=field,
        )


class NoProposalError(ConflictError):
    """There is no proposal to take."""

    code = "no_proposal"

    def __init__(self) -> None:
        super().__init__("There is no proposal for this receipt: send the allocations.", field="allocations")


class PayerUnknownError(InvalidError):
    """A receipt of an unknown payer is put on account without saying whose."""

    code = "payer_unknown"

    def __init__(self) -> None:
        super().__init__("The payer is not identified: send customer_id.", field="customer_id")


class PayerKnownError(ConflictError):
    """The receipt is already another customer's."""

    code = "payer_known"

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(
            f"The receipt is identified as that of customer {receipt.customer_id}: leave customer_id out.",
            field="customer_id",
        )


class FinerThanCurrencyError(InvalidError):
    """An amount has more decimals than the currency."""

    code = "too_many_decimals"

    def __init__(self, amount: Decimal, currency: str, *, field: str) -> None:
        super().__init__(f"{amount} has more decimals than {currency} allows ({decimals_of(currency)}).", field=field)


def check_decimals(amount: Decimal, currency: str, *, field: str) -> None:
    """Raise `FinerThanCurrencyError` for an amount that is finer than the smallest unit of its currency."""
    if amount != round(amount, decimals_of(currency)):
        raise FinerThanCurrencyError(amount, currency, field=field)
