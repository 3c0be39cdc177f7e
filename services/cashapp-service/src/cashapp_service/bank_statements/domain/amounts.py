"""Amounts as banks write them, read exactly or not at all."""

import re
from decimal import Decimal

from shared.money import AMOUNT_DIGITS_MAX, TooManyDecimalsError, UnknownCurrencyError, exact

_WRITTEN = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?", re.ASCII)
_DECIMALS_MAX = 18


def read_amount(text: str, currency: str) -> Decimal:
    """Return an unsigned amount with the decimals of its currency; "," and "." are both the decimal mark.

    Raises `ValueError` with a sentence of why for anything else than digits and one mark, for an amount beyond
    what can be booked, for an unknown currency and for decimals that would have to be rounded.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(f"{text[:40]!r} is not an amount: digits and one decimal mark are wanted")
    whole, fraction = written[1].lstrip("0") or "0", (written[2] or "").rstrip("0")
    if len(whole) > AMOUNT_DIGITS_MAX or len(fraction) > _DECIMALS_MAX:
        raise ValueError(f"the amount {text[:40]} has more digits than an amount can have")
    try:
        return exact(Decimal(f"{whole}.{fraction or 0}"), currency)
    except (TooManyDecimalsError, UnknownCurrencyError) as error:
        raise ValueError(error.detail.rstrip(".")) from None
