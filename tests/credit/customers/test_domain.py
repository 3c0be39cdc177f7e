"""Ways of writing a name fall together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.customers.domain.search import folded, folded_name, search_text, wanted
from credit_service.customers.domain.secrets import masked, without_secrets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller GmbH", "MUELLER G.m.b.H."),
        ("Müller GmbH & Co. KG", "Muller"),
        ("Straße", "STRASSE"),
        ("Société Générale S.A.", "societe generale sa"),
        ("Łódź Sp. z o.o.", "Lodz sp z o.o."),
        ("A.E.G.", "AEG"),
        ("St. Catherine's", "ST CATHERINES"),
        ("Ørsted A/S", "Orsted A/S"),
        ("株式会社トヨタ", "株式会社トヨタ".encode().decode()),
        ("ﬁnance", "Finance"),
        ("Ｎｏｒｄ", "nord"),
    ],
)
def test_ways_of_writing_a_name_fall_together(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nordlicht Handels GmbH", "nordlicht handels"),
        ("The Company Inc.", "the company inc"),
        ("Газпром ПАО", "gazprom"),
        ("!!!", ""),
    ],
)
def test_legal_forms_are_left_out_unless_a_name_is_made_of_them(name: str, kept: str) -> None:
    assert folded_name(name) == kept


@given(st.text(max_size=100))
def test_folding_any_text_gives_plain_words_and_folding_again_changes_nothing_of_their_letters(text: str) -> None:
    words = folded(text)

    assert words.replace(" ", "").isascii()
    assert all(word.isalnum() and word == word.lower() for word in words.split())


def test_a_line_stands_for_each_name_number_address_and_phone() -> None:
    contact = {"name": "Jörg Maß", "email": "j.mass@nordlicht.example", "phone": "+49 (0)40 123-456", "role": None}

    lines = search_text("C-1", names=["Nordlicht", None, "Nordlicht GmbH"], contacts=[contact]).split("\n")

    assert lines == ["c 1", "nordlicht", "jorg mass", "j mass nordlicht example", "4940123456"]


@pytest.mark.parametrize("q", ["+49 40 123456", "0049 40 123456", "040/123456", "(040) 123-456", "123456"])
def test_a_phone_number_is_looked_for_however_it_is_written(q: str) -> None:
    assert any(needle in "4940123456" for needle in wanted(q).needles)


@pytest.mark.parametrize(
    ("secret", "seen"), [("DE89370400440532013000", "…3000"), ("1234", "…"), ("", "…"), ("12345", "…2345")]
)
def test_a_secret_shows_its_last_four_characters_at_most(secret: str, seen: str) -> None:
    assert masked(secret) == seen


def test_only_secrets_are_masked() -> None:
    content = {"name": "Nordlicht", "tax_id": None, "bank_accounts": ["DE89370400440532013000"]}

    assert without_secrets(content) == {"name": "Nordlicht", "tax_id": None, "bank_accounts": ["…3000"]}
