"""Exact money: a decimal and its ISO 4217 currency.

The one thing to know: an amount never has more decimals than its currency (JPY 0, EUR 2, KWD 3), is never a
float, and two currencies are never added.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Annotated, Any

from iso4217 import Currency as IsoCurrency
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.errors import InvalidError
from shared.values import value

AMOUNT_DIGITS_MAX = 15
"""Digits before the decimal point. The columns hold `numeric(20, 4)`: four decimals is the most a currency has."""


@cache
def decimals_of(currency: str) -> int:
    """Return the number of decimals of an ISO 4217 currency; raise `UnknownCurrencyError` for any other text."""
    try:
        exponent = IsoCurrency(currency).exponent
    except ValueError:
        raise UnknownCurrencyError(currency) from None
    return exponent or 0


@cache
def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency, such as 0.01."""
    return Decimal(1).scaleb(-decimals_of(currency))


@cache
def codes_by_decimals() -> dict[int, tuple[str, ...]]:
    """Return the codes of all ISO 4217 currencies by their decimals, for who has to tell a database."""
    found: dict[int, list[str]] = {}
    for one in IsoCurrency:
        found.setdefault(one.exponent or 0, []).append(one.code)
    return {decimals: tuple(codes) for decimals, codes in found.items()}


class UnknownCurrencyError(InvalidError):
    """The text is not the three-letter code of an ISO 4217 currency."""

    code = "unknown_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency!r} is not an ISO 4217 currency code such as EUR.", field="currency")


class CurrencyMismatchError(InvalidError):
    """Two amounts of different currencies met where one is required."""

    code = "currency_mismatch"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"An amount in {right} cannot be set against {left}: send it in {left}.", field="currency")


class TooManyDecimalsError(InvalidError):
    """An amount is finer than the smallest unit of its currency."""

    code = "too_many_decimals"

    def __init__(self, amount: Decimal, currency: str) -> None:
        super().__init__(
            f"{amount} has more decimals than {currency} allows ({decimals_of(currency)}).", field="amount"
        )


def exact(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` with exactly the decimals of `currency`; raise `TooManyDecimalsError` where that would round."""
    quantized = amount.quantize(smallest_unit(currency))
    if quantized != amount:
        raise TooManyDecimalsError(amount, currency)
    return quantized


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` rounded half up to the currency's decimals, for a share or a conversion."""
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP)


@value(frozen=True, slots=True)
class Money:
    """An exact amount in one currency. Comparing or adding two currencies raises `CurrencyMismatchError`."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount, self.currency))

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Return nothing, in `currency`."""
        return _nothing(currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """Return the sum of `amounts`, zero in `currency` where there are none."""
        return sum(amounts, cls.zero(currency))

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@cache
def _nothing(currency: str) -> Money:
    return Money(Decimal(0), currency)


def _amount_from_wire(value: Any) -> Any:
    """Refuse what is not a plain decimal string; `Decimal` passes for values built in code."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("amount_not_text", 'Send the amount as a string such as "1250.00".')
    digits = value.removeprefix("-")
    whole, _, fraction = digits.partition(".")
    well_formed = whole.isascii() and whole.isdigit() and (not fraction or (fraction.isascii() and fraction.isdigit()))
    if not well_formed or digits.endswith("."):
        raise PydanticCustomError("amount_malformed", 'Write the amount as digits and one point, such as "1250.00".')
    if len(whole) > AMOUNT_DIGITS_MAX or len(fraction) > 4:
        raise PydanticCustomError(
            "amount_out_of_range",
            f"An amount has at most {AMOUNT_DIGITS_MAX} digits before the point and four after it.",
        )
    return Decimal(value)


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("amount_not_positive", "The amount must be greater than zero.")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("amount_negative", "The amount must not be negative.")
    return value


def _known_currency(value: str) -> str:
    try:
        decimals_of(value)
    except UnknownCurrencyError as error:
        raise PydanticCustomError("unknown_currency", error.detail) from None
    return value


_on_the_wire = PlainSerializer(lambda amount: format(amount, "f"), return_type=str, when_used="json")
_amount_schema = {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,4})?$", "examples": ["1250.00"]}
_unsigned_schema = {"type": "string", "pattern": r"^\d{1,15}(\.\d{1,4})?$", "examples": ["1250.00"]}

Amount = Annotated[Decimal, BeforeValidator(_amount_from_wire), _on_the_wire, WithJsonSchema(_amount_schema)]
"""A signed amount on the wire: a decimal string."""
PositiveAmount = Annotated[
    Decimal,
    BeforeValidator(_amount_from_wire),
    AfterValidator(_positive),
    _on_the_wire,
    WithJsonSchema(_unsigned_schema),
]
"""An amount greater than zero on the wire."""
NonNegativeAmount = Annotated[
    Decimal,
    BeforeValidator(_amount_from_wire),
    AfterValidator(_not_negative),
    _on_the_wire,
    WithJsonSchema(_unsigned_schema),
]
"""An amount of zero or more on the wire."""
CurrencyCode = Annotated[
    str,
    Field(pattern=r"^[A-Z]{3}$", examples=["EUR"], description="ISO 4217 code"),
    AfterValidator(_known_currency),
]
"""A three-letter ISO 4217 code on the wire."""


def fits_currency(cls: Any, amount: Decimal | None, info: ValidationInfo) -> Decimal | None:
    """Check an amount field against the `currency` field declared *before* it; for `field_validator(…)(fits_currency)`."""
    currency = info.data.get("currency")
    if amount is None or currency is None:
        return amount
    try:
        return exact(amount, currency)
    except TooManyDecimalsError as error:
        raise PydanticCustomError("too_many_decimals", error.detail) from None
