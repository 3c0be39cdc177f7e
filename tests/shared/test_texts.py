"""Identifiers follow one rule wherever they stand; free text keeps what writing needs, and nothing that deceives."""

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shared.http.edge import Body
from shared.texts import Key, nameable, storable

INVISIBLE = ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u2028", "\x00", "\x7f", "\ue000"]


class NoteBody(Body):
    key: Key
    words: str = ""
    tags: list[str] = []


def refusal(value: str, field: str = "key") -> str:
    with pytest.raises(ValidationError) as error:
        NoteBody.model_validate({"key": "K-1"} | {field: value})
    (one,) = error.value.errors()
    return str(one["msg"])


@pytest.mark.parametrize("character", [*INVISIBLE, "\ufffd", chr(0xD800)], ids=ascii)
def test_what_nobody_sees_or_types_is_in_no_identifier_of_an_address_or_a_body(character: str) -> None:
    with pytest.raises(PydanticCustomError, match=f"U\\+{ord(character):04X}"):
        nameable(f"K-{character}1")
    refusal(f"K-{character}1")
    with pytest.raises(ValidationError):
        TypeAdapter(list[Key]).validate_python([f"K-{character}1"])


@pytest.mark.parametrize("key", ["RE-2026/17", "PO 1", "Größe", "発注書-1", "K😀", "مرجع"], ids=ascii)
def test_an_identifier_may_be_in_any_script(key: str) -> None:
    assert NoteBody(key=key).key == nameable(key) == key


def test_a_body_loses_blanks_at_the_ends_and_an_address_is_refused_for_them() -> None:
    assert NoteBody(key=" K-1\n").key == "K-1"
    for key in (" K-1", "K-1\n", "\u00a0K-1"):
        with pytest.raises(PydanticCustomError, match="blanks"):
            nameable(key)


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f", "\u3000"], ids=ascii)
def test_a_blank_of_another_width_in_an_identifier_is_a_plain_one_in_a_body_and_refused_in_an_address(
    blank: str,
) -> None:
    assert NoteBody(key=f"PO{blank}1").key == "PO 1"
    with pytest.raises(PydanticCustomError, match=f"U\\+{ord(blank):04X}"):
        nameable(f"PO{blank}1")


def test_a_refusal_names_the_character_by_its_code_point_and_where_it_stands() -> None:
    assert refusal("K-\u200b1") == (
        "Take U+200B ZERO WIDTH SPACE out (character 3): a key has printable characters only, in UTF-8."
    )
    assert "Take U+0000 NUL out (character 4)" in refusal("ab \0c", "words")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\uffff", "\ud800"], ids=ascii)
def test_no_text_has_controls_or_what_turns_the_order_of_what_follows(character: str) -> None:
    with pytest.raises(PydanticCustomError):
        storable(f"Zeile{character}")
    refusal(f"Zeile{character}", "words")
    with pytest.raises(ValidationError):
        NoteBody.model_validate({"key": "K-1", "tags": ["fine", f"Zeile{character}"]})


@pytest.mark.parametrize(
    "text",
    [
        "\u2068مرجع\u2069 17",
        "\u2067שלום \u2066GmbH\u2069!\u2069",
        "می\u200cخواهم",
        "abc \u200fאבג",
        "two\nlines\r\n\tindented",
        "Schiff\u00adfahrt",
        "👩\u200d💻",
        "ไทย\u200bไทย",
    ],
    ids=ascii,
)
def test_free_text_keeps_what_a_script_needs(text: str) -> None:
    assert storable(text) == text
    assert NoteBody(key="K-1", words=text).words == text


@pytest.mark.parametrize(
    "text", ["\u2068a", "a\u2069", "\u2068a\nb\u2069", "\u2067\u2068a\u2069", "\u2068\u202ea\u2069"], ids=ascii
)
def test_an_isolate_that_is_not_closed_in_its_line_or_hides_an_override_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        storable(text)
    place = int(str(refused.value.message()).split("(character ")[1].split(")")[0])
    assert text[place - 1] in "\u2067\u2068\u2069\u202e"
