"""The plain way to read a check agrees with the documented model: what it takes, the model takes with the same values."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from credit_service.credit_checks.schemas import CreditCheckBody, parts_of, read_plainly
from shared.card_numbers import fields_with_card_numbers

ORDER = {"customer_id": "C-1", "order_id": "SO-1", "amount": "100.00", "currency": "EUR"}
FIELDS = [*CreditCheckBody.model_fields, "colour"]

card_numbers = st.builds(
    lambda gap, groups: gap.join(groups),
    st.sampled_from(["", " ", "-", "\u00a0", "."]),
    st.sampled_from(
        [["4111", "1111", "1111", "1111"], ["3782", "822463", "10005"], ["paid", "5555", "5555", "5555", "4444"]]
    ),
)
texts = (
    card_numbers
    | st.text(max_size=70)
    | st.text(alphabet=' \t\n\r\x00\x1c\x85\u00a0\u2028\u200bÄé😀a1-\\"', max_size=8)
)
amounts = st.from_regex(r"[ -+]?[0-9]{0,17}(\.[0-9]{0,6})?([eE][0-9])?", fullmatch=True) | st.sampled_from(
    ["NaN", "Infinity", "-0", "0.00", "00.10", "1_000.00", "١٢.00", "1.00 ", ".5", "5."]
)
currencies = st.sampled_from(
    ["EUR", "JPY", "KWD", "eur", " EUR", "EUR ", "XXX", "XAU", "ISK", "ABC", "EURO", "", "ＥＵＲ"]
)
days = st.dates().map(date.isoformat) | st.sampled_from(
    ["2026-02-30", "2026-W10-1", "20260302", "2026-03-02T00:00:00", "1899-12-31", "3000-01-01", ""]
)
anything = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(texts, max_size=2)
wild = st.fixed_dictionaries(
    {},
    optional={
        "customer_id": texts,
        "order_id": texts,
        "amount": amounts,
        "currency": currencies,
        "requested_delivery_date": days | st.none(),
        "as_of": days | st.none(),
        "checkpoint": st.sampled_from(["order", "delivery", "goods_issue", "Order", " order", "moon"]),
        "order_type": texts | st.none(),
        "payment_terms": st.sampled_from(["net 30", "2/10 net 30", " net 30", "NET 30", "nonsense", ""]) | st.none(),
        "prepaid": st.booleans() | anything,
        "dry_run": st.booleans() | anything,
    },
)
bodies = st.builds(lambda base, change: base | change, st.sampled_from([ORDER, {}]), wild) | st.builds(
    lambda name, value: ORDER | {name: value}, st.sampled_from(FIELDS), anything
)


def agree(content: bytes) -> bool:
    """Hold both ways against each other and return whether the plain one took the body."""
    plain = read_plainly(content)
    if plain is None:
        return False
    assert fields_with_card_numbers(json.loads(content)) == [], "what the guard refuses is not plain"
    check, amount = plain
    body = CreditCheckBody.model_validate_json(content)
    assert {name: getattr(check, name) for name in CreditCheckBody.model_fields if name != "amount"} == {
        name: getattr(body, name) for name in CreditCheckBody.model_fields if name != "amount"
    }
    assert str(amount) == str(body.amount)
    return True


@settings(max_examples=1000, deadline=None)
@given(bodies)
def test_what_is_read_plainly_the_model_reads_alike(body: dict[str, Any]) -> None:
    agree(json.dumps(body).encode())
    agree(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode), st.integers(0, 120))
def test_what_is_no_check_is_left_to_the_model(noise: bytes, at: int) -> None:
    content = json.dumps(ORDER).encode()

    agree(noise)
    agree(content[:at] + noise + content[at:])


@pytest.mark.parametrize(
    "content",
    [
        b'{"customer_id": "C-1", "customer_id": "C-2", "order_id": "SO-1", "amount": "1.00", "currency": "EUR"}',
        b"\xef\xbb\xbf" + json.dumps(ORDER).encode(),
        json.dumps(ORDER).encode() + b"\n\t ",
        json.dumps(ORDER).encode() + b"{}",
        json.dumps(ORDER).encode("utf-16"),
        json.dumps(ORDER | {"amount": "9" * 15 + ".9999"}).encode(),
        json.dumps(ORDER | {"amount": "378080000013546"}).encode(),
        json.dumps(ORDER | {"amount": "1", "currency": "KWD"}).encode(),
    ],
)
def test_odd_forms_of_json_are_read_alike_or_left_to_the_model(content: bytes) -> None:
    agree(content)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"amount": "5"},
        {"currency": "JPY", "amount": "500"},
        {"requested_delivery_date": "2026-04-01", "as_of": None},
        {"checkpoint": "goods_issue", "dry_run": True, "prepaid": True},
        {"order_type": "sample", "payment_terms": "2/10 net 30"},
        {"customer_id": "Kunde Ä 1/2", "order_id": "😀" * 64},
    ],
)
def test_what_callers_usually_send_is_read_plainly(change: dict[str, Any]) -> None:
    assert agree(json.dumps(ORDER | change).encode())


@pytest.mark.parametrize("field", ["customer_id", "order_id", "order_type", "payment_terms"])
def test_a_card_number_is_left_to_the_guard(field: str) -> None:
    assert read_plainly(json.dumps(ORDER | {field: "4111 1111 1111 1111"}).encode()) is None


@pytest.mark.parametrize("name", [name for name, field in CreditCheckBody.model_fields.items() if field.is_required()])
def test_a_check_without_a_required_field_is_left_to_the_model(name: str) -> None:
    content = json.dumps({field: value for field, value in ORDER.items() if field != name}).encode()

    assert read_plainly(content) is None
    with pytest.raises(ValidationError):
        CreditCheckBody.model_validate_json(content)


@pytest.mark.parametrize("checks", [[], [ORDER] * 1001, None, {}, "x", 1])
def test_a_list_out_of_bounds_is_left_to_the_model(checks: Any) -> None:
    assert parts_of(json.dumps({"checks": checks}).encode()) is None


def test_the_parts_of_a_list_are_its_checks_as_they_were_sent() -> None:
    checks: list[Any] = [ORDER, "no check", None, {"amount": 1.5}]

    parts = parts_of(json.dumps({"checks": checks}).encode())

    assert parts is not None
    assert [json.loads(bytes(part)) for part in parts] == checks
