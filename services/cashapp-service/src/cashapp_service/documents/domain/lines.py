"""The lines of a document and the tax in it.

The one thing to know: tax is reckoned per rate over the net amounts of all lines with that rate, and rounded half up once
(EN 16931, BR-CO-17), not line by line. An ERP that rounds each line states `tax_amount` on the lines: then their sum counts,
as long as it is no further from the reckoned tax than half a unit for each line and for the total. Net and tax of the lines come
to the document's amount exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.errors import InvalidError
from shared.money import Money, decimals_of, rounded, smallest_unit
from shared.values import value

HUNDRED = Decimal(100)


class LinesDoNotAddUpError(InvalidError):
    """Net and tax of the lines are not the document's amount."""

    code = "lines_do_not_add_up"

    def __init__(self, net: Decimal, tax: Decimal, amount: Money) -> None:
        super().__init__(
            f"The lines come to {net} net and {tax} tax, together {net + tax}; the document says {amount}."
            " Send an amount that is their sum.",
            field="amount",
        )


class TaxDiffersError(InvalidError):
    """A stated tax is not the one that its rate gives."""

    code = "tax_differs"

    def __init__(self, stated: Decimal, reckoned: Decimal, *, of_what: str, field: str) -> None:
        super().__init__(f"The tax {of_what} is {reckoned}, not {stated}: correct it or the rate.", field=field)


class LineIncompleteError(InvalidError):
    """Some lines state what they are worth and others do not."""

    code = "line_incomplete"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class TooFineError(InvalidError):
    """An amount within a document has more decimals than the currency."""

    code = "too_many_decimals"

    def __init__(self, amount: Decimal, currency: str, *, field: str) -> None:
        super().__init__(f"{amount} has more decimals than {currency} allows ({decimals_of(currency)}).", field=field)


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The tax of all lines with one code and rate."""

    tax_code: str | None
    tax_rate_pct: Decimal
    net_amount: Decimal
    tax_amount: Decimal


@value(frozen=True, slots=True)
class TaxedAmount:
    """What of a document is tax, by code and rate; no shares where its lines do not say."""

    tax: Decimal
    shares: tuple[TaxShare, ...] = ()


def taxed(lines: Sequence[Mapping[str, Any]], amount: Money, stated_tax: Decimal | None) -> TaxedAmount:
    """Return the tax in a document of `amount` whose lines are these, or `stated_tax` where no line is priced.

    Raises `TooFineError`, `LineIncompleteError` where only some lines have a net amount, `TaxDiffersError`,
    `LinesDoNotAddUpError`.
    """
    for position, line in enumerate(lines):
        for name in ("net_amount", "tax_amount"):
            check_decimals(Decimal(line.get(name) or 0), amount.currency, field=f"lines.{position}.{name}")
    priced = [line for line in lines if line.get("net_amount") is not None]
    if not priced:
        return _taxed_as_stated(lines, amount, stated_tax)
    if len(priced) < len(lines):
        position = next(n for n, line in enumerate(lines) if line.get("net_amount") is None)
        raise LineIncompleteError("Send net_amount on every line or on none.", field=f"lines.{position}.net_amount")
    shares = _shares(priced, amount.currency)
    net, tax = sum((one.net_amount for one in shares), Decimal(0)), sum((one.tax_amount for one in shares), Decimal(0))
    if stated_tax is not None and stated_tax != tax:
        raise TaxDiffersError(stated_tax, tax, of_what="of the lines", field="tax_amount")
    if net + tax != amount.amount:
        raise LinesDoNotAddUpError(net, tax, amount)
    if not 0 <= tax <= amount.amount:
        raise TaxDiffersError(tax, amount.amount, of_what="can be no more than", field="tax_amount")
    return TaxedAmount(tax, tuple(shares))


def check_decimals(amount: Decimal, currency: str, *, field: str) -> None:
    """Raise `TooFineError` for an amount that is finer than the smallest unit of its currency."""
    if amount != round(amount, decimals_of(currency)):
        raise TooFineError(amount, currency, field=field)


def _taxed_as_stated(lines: Sequence[Mapping[str, Any]], amount: Money, stated_tax: Decimal | None) -> TaxedAmount:
    for position, line in enumerate(lines):
        if line.get("tax_amount") is not None or line.get("tax_rate_pct") is not None:
            raise LineIncompleteError(
                "A line with tax needs the net_amount it is reckoned on.", field=f"lines.{position}.net_amount"
            )
    tax = stated_tax or Decimal(0)
    if tax > amount.amount:
        raise TaxDiffersError(tax, amount.amount, of_what="is at most the amount: it", field="tax_amount")
    return TaxedAmount(tax)


def _shares(lines: Sequence[Mapping[str, Any]], currency: str) -> list[TaxShare]:
    """Return the tax by code and rate, in the order in which they first appear."""
    groups: dict[tuple[str | None, Decimal], list[Mapping[str, Any]]] = {}
    for line in lines:
        key = (line.get("tax_code"), Decimal(line.get("tax_rate_pct") or 0))
        groups.setdefault(key, []).append(line)
    return [_share(code, rate_pct, found, currency) for (code, rate_pct), found in groups.items()]


def _share(code: str | None, rate_pct: Decimal, lines: Sequence[Mapping[str, Any]], currency: str) -> TaxShare:
    net = sum((Decimal(line["net_amount"]) for line in lines), Decimal(0))
    reckoned = rounded(net * rate_pct / HUNDRED, currency)
    stated = [Decimal(line["tax_amount"]) for line in lines if line.get("tax_amount") is not None]
    name = f"at {rate_pct:f} % on {net}"
    if not stated:
        return TaxShare(code, rate_pct, net, reckoned)
    if len(stated) < len(lines):
        raise LineIncompleteError(f"Send tax_amount on every line {name} or on none of them.", field="lines")
    tax = sum(stated, Decimal(0))
    if abs(tax - reckoned) > (len(lines) + 1) * smallest_unit(currency) / 2:
        raise TaxDiffersError(tax, reckoned, of_what=name, field="lines")
    return TaxShare(code, rate_pct, net, tax)
