from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.pagination import InvalidCursorError, PageRequest, decode_cursor, encode_cursor, list_id

keys = st.lists(
    st.one_of(
        st.text(),
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
    ),
    min_size=1,
    max_size=4,
)


@given(keys)
def test_a_cursor_carries_its_key(key: list[str | int | Decimal | date | datetime]) -> None:
    assert decode_cursor(encode_cursor(key), length=len(key)) == key


@given(st.text())
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    try:
        decode_cursor(text, length=1)
    except InvalidCursorError:
        return


@pytest.mark.parametrize("cursor", ["", "x", encode_cursor(["a", "b"]), "W10", "bnVsbA", "WyIiXQ"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(cursor, length=1)


ITEMS_OF_ONE = list_id("/v1/items", [("customer_id", "C-1"), ("status", "open"), ("limit", "50")])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/receipts", [("customer_id", "C-1"), ("status", "open")]),
        ("/v1/items", [("customer_id", "C-2"), ("status", "open")]),
        ("/v1/items", [("customer_id", "C-1")]),
        ("/v1/items", [("customer_id", "C-1"), ("status", "open"), ("sort", "due_date")]),
    ],
)
def test_a_cursor_is_refused_by_another_list_and_with_other_filters(path: str, query: list[tuple[str, str]]) -> None:
    cursor = PageRequest(50, None, ITEMS_OF_ONE).cursor_behind(["itm_1"])

    with pytest.raises(InvalidCursorError):
        PageRequest(50, cursor, list_id(path, query)).key(1)


def test_a_cursor_is_taken_whatever_the_length_of_the_page_and_the_order_of_the_filters() -> None:
    cursor = PageRequest(50, None, ITEMS_OF_ONE).cursor_behind(["itm_1"])
    again = list_id("/v1/items", [("status", "open"), ("limit", "500"), ("cursor", cursor), ("customer_id", "C-1")])

    assert PageRequest(500, cursor, again).key(1) == ["itm_1"]
    assert PageRequest(500, None, again).key(1) is None
