"""Names and media types of files are made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files import NAME_LENGTH_MAX, UNKNOWN_MEDIA_TYPE, file_name, media_type


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("balance sheet 2025.pdf", "balance sheet 2025.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\secret.pdf", "secret.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie: x=1.pdf"),
        ("nul\0byte.pdf", "nulbyte.pdf"),
        ("invoice‮fdp.exe", "invoicefdp.exe"),
        ("   .hidden. ", "hidden"),
        ("Bilanz für Łódź 株式会社.pdf", "Bilanz für Łódź 株式会社.pdf"),
        ("u\u0308ber.pdf", "über.pdf"),
        ("..", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        ("a" * 300 + ".pdf", "a" * 146 + ".pdf"),
        ("." + "a" * 300, "a" * 150),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(given_name: str | None, kept: str) -> None:
    assert file_name(given_name) == kept


@given(st.text(max_size=400))
def test_any_name_ends_as_one_that_can_be_shown_and_stored(given_name: str) -> None:
    name = file_name(given_name)

    assert 0 < len(name) <= NAME_LENGTH_MAX
    assert not any(unicodedata.category(char)[0] == "C" or char in "/\\" for char in name)


@pytest.mark.parametrize(
    ("given_type", "kept"),
    [
        ("application/pdf", "application/pdf"),
        ("Text/HTML; charset=utf-8", "text/html"),
        ("image/svg+xml", "image/svg+xml"),
        ("pdf", UNKNOWN_MEDIA_TYPE),
        ("text/html\r\nX-Evil: 1", UNKNOWN_MEDIA_TYPE),
        ("a/" + "b" * 300, UNKNOWN_MEDIA_TYPE),
        ("", UNKNOWN_MEDIA_TYPE),
        (None, UNKNOWN_MEDIA_TYPE),
    ],
)
def test_what_is_no_media_type_is_unknown(given_type: str | None, kept: str) -> None:
    assert media_type(given_type) == kept
