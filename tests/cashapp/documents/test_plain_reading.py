"""The plain way to read a document of a batch agrees with the documented model: what it takes, the model takes alike."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.documents.schemas import ItemBody, read_plainly

INVOICE: dict[str, Any] = {
    "number": "RE-1",
    "kind": "invoice",
    "customer_id": "C-1",
    "issue_date": "2026-03-01",
    "currency": "EUR",
    "amount": "1190.00",
}
texts = st.text(max_size=70) | st.text(alphabet=' \t\n\r\x00\x1c\x85\u00a0\u2028\u200b\ud800Äé😀a1-\\"', max_size=8)
amounts = st.from_regex(r"[ -+]?[0-9]{0,17}(\.[0-9]{0,6})?([eE][0-9])?", fullmatch=True) | st.sampled_from(
    ["NaN", "Infinity", "-0", "0", "0.00", "00.10", "1_000.00", "١٢.00", "1.00 ", "1.00\n", ".5", "5."]
)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "eur", " EUR", "EUR ", "XXX", "XAU", "ABC", "EURO", "", "ＥＵＲ"])
days = st.dates().map(date.isoformat) | st.sampled_from(
    ["2026-02-30", "2026-W10-1", "20260302", "2026-03-02T00:00:00", "1899-12-31", "3000-01-01", ""]
)
of_field = {
    **dict.fromkeys(("amount", "tax_amount"), amounts),
    **dict.fromkeys(("issue_date", "posting_date", "due_date"), days),
    "currency": currencies,
    "kind": st.sampled_from(["invoice", "credit_memo", "Invoice", " invoice", "moon"]),
    "lines": st.just([]),
}
anything = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(texts, max_size=2)
wild = st.fixed_dictionaries(
    {}, optional={name: of_field.get(name, texts) | st.none() for name in [*ItemBody.model_fields, "colour"]}
) | st.sampled_from([*ItemBody.model_fields, "colour"]).flatmap(lambda name: st.fixed_dictionaries({name: anything}))


def agree(body: Any) -> bool:
    """Hold both ways against each other and return whether the plain one took the document."""
    plain = read_plainly(body)
    if plain is None:
        return False
    document = ItemBody.model_validate(body).document()
    assert plain == document
    assert (str(plain.amount), str(plain.tax_amount)) == (str(document.amount), str(document.tax_amount))
    return True


@settings(max_examples=400, deadline=None)
@given(st.builds(lambda change: INVOICE | change, wild) | wild | anything)
def test_what_is_read_plainly_the_model_reads_alike(body: Any) -> None:
    agree(body)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"amount": "5"},
        {"currency": "JPY", "amount": "500", "tax_amount": "0"},
        {"kind": "credit_memo", "reason_code": "price", "refers_to": "RE-0", "company_code": "2000"},
        {"posting_date": "2026-03-02", "due_date": "2026-04-01", "payment_terms": None},
        {"order_id": "SO-1", "po_number": "PO 1/2", "reference": "Kunde Ä", "payment_terms": "30% 10, 70% 60"},
    ],
    ids=["least", "whole", "no decimals", "memo", "days", "texts"],
)
def test_what_callers_usually_send_is_read_plainly(change: dict[str, Any]) -> None:
    assert agree(INVOICE | change)


@pytest.mark.parametrize(
    "change",
    [
        {"number": " RE-1"},
        {"number": "RE-\x001"},
        {"amount": "0.00"},
        {"amount": "1.001"},
        {"issue_date": "1899-12-31"},
        {"lines": [{"net_amount": "1.00"}]},
        {"colour": "red"},
    ],
    ids=lambda change: next(iter(change)) + repr(next(iter(change.values())))[:12],
)
def test_what_needs_a_closer_look_is_left_to_the_model(change: dict[str, Any]) -> None:
    assert read_plainly(INVOICE | change) is None
