"""Net and tax of a document's lines."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashapp_service.documents.domain.lines import (
    LineIncompleteError,
    LinesDoNotAddUpError,
    TaxDiffersError,
    TooFineError,
    taxed,
)
from shared.money import Money


def line(net: str | None = None, rate: str | None = "19", **fields: Any) -> dict[str, Any]:
    """Return a line as it is stored."""
    stated = {"net_amount": net, "tax_rate_pct": rate} | fields
    return {name: value for name, value in stated.items() if value is not None}


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_tax_is_reckoned_per_rate_over_all_its_lines() -> None:
    # Line by line it would be three times 0.02 = 0.06; over 0.33 at 5 % it is 0.0165.
    found = taxed([line("0.11", "5")] * 3 + [line("100.00", "19")], euros("119.35"), None)

    assert [(one.tax_rate_pct, one.net_amount, one.tax_amount) for one in found.shares] == [
        (Decimal(5), Decimal("0.33"), Decimal("0.02")),
        (Decimal(19), Decimal("100.00"), Decimal("19.00")),
    ]
    assert found.tax == Decimal("19.02")


def test_tax_is_rounded_half_up() -> None:
    assert taxed([line("0.50", "5")], euros("0.53"), None).tax == Decimal("0.03")


def test_an_erp_may_round_each_line() -> None:
    lines = [line("0.11", "5", tax_amount="0.01")] * 3

    assert taxed(lines, euros("0.36"), None).tax == Decimal("0.03")


def test_a_line_may_take_away_from_the_others() -> None:
    assert taxed([line("100.00"), line("-10.00")], euros("107.10"), None).tax == Decimal("17.10")


@pytest.mark.parametrize("amount", ["119.01", "118.99", "100.00"])
def test_lines_come_to_the_amount_to_the_cent(amount: str) -> None:
    with pytest.raises(LinesDoNotAddUpError):
        taxed([line("100.00")], euros(amount), None)


@pytest.mark.parametrize(
    ("lines", "amount", "stated", "refusal"),
    [
        ([line("100.00"), line()], "119.00", None, LineIncompleteError),
        ([line("100.00", tax_amount="19.00"), line("1.00")], "120.19", None, LineIncompleteError),
        ([line(rate="19")], "119.00", None, LineIncompleteError),
        ([line(rate=None, tax_amount="1.00")], "119.00", None, LineIncompleteError),
        ([line("100.00", tax_amount="19.02")], "119.02", None, TaxDiffersError),
        ([line("100.00")], "119.00", "18.00", TaxDiffersError),
        ([], "119.00", "119.01", TaxDiffersError),
        ([line("100.005")], "119.01", None, TooFineError),
    ],
)
def test_lines_that_make_no_sense_are_refused(
    lines: list[dict[str, Any]], amount: str, stated: str | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        taxed(lines, euros(amount), Decimal(stated) if stated else None)


def test_without_priced_lines_the_stated_tax_counts() -> None:
    assert taxed([{"description": "Pump"}], euros("119.00"), Decimal("19.00")).tax == 19
    assert taxed([], euros("119.00"), None).tax == 0


@given(st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(["0", "7", "19", "5.5"])), min_size=1, max_size=20))
def test_what_an_erp_reckons_line_by_line_is_always_taken(priced: list[tuple[int, str]]) -> None:
    lines = []
    for cents, rate in priced:
        net = Decimal(cents) / 100
        tax = (net * Decimal(rate) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        lines.append(line(str(net), rate, tax_amount=str(tax)))
    total = sum((Decimal(one["net_amount"]) + Decimal(one["tax_amount"]) for one in lines), Decimal(0))

    found = taxed(lines, Money(total, "EUR"), None)

    assert sum((one.net_amount + one.tax_amount for one in found.shares), Decimal(0)) == total
