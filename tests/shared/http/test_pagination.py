from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.pagination import InvalidCursorError, decode_cursor, encode_cursor

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
