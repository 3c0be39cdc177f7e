"""Card numbers are found however they are written; invoice and account numbers, IBANs and telephone numbers are left alone."""

import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from shared.card_numbers import (
    fields_with_card_numbers,
    holds_card_number,
    is_card_number,
    masked,
    masked_file,
    may_hold_card_number,
)

DATA = Path(__file__).parents[3] / "shared" / "data"

BEGINS = {
    "visa": ("4", 16),
    "visa of 19 digits": ("4", 19),
    "mastercard": ("53", 16),
    "mastercard of the second series": ("2221", 16),
    "american express": ("37", 15),
    "diners": ("36", 14),
    "discover": ("6011", 16),
    "jcb": ("3528", 16),
    "unionpay": ("62", 19),
    "maestro": ("6759", 18),
    "dankort": ("5019", 16),
    "mir": ("2204", 16),
    "rupay": ("508", 16),
}


def made(begin: str, length: int, chance: random.Random) -> str:
    """Return a card number, of no card that there is."""
    body = begin + "".join(str(chance.randrange(10)) for _ in range(length - len(begin) - 1))
    return next(body + str(check) for check in range(10) if is_card_number(body + str(check)))


def fours(number: str, gap: str) -> str:
    return gap.join(number[place : place + 4] for place in range(0, len(number), 4))


@pytest.mark.parametrize("scheme", BEGINS)
def test_no_generated_number_slips_however_it_is_written(scheme: str) -> None:
    chance = random.Random(scheme)
    for _ in range(40):
        number = made(*BEGINS[scheme], chance)
        written = [
            number,
            *(fours(number, gap) for gap in (" ", "-", ".", " - ", "\u00a0", "\n", "/", "\u2009")),
            " ".join(number),
            number[:6] + "\u200b" + number[6:],
            "".join(chr(0xFF10 + int(digit)) for digit in number),
        ]
        for one in written:
            for text in (one, f"Karte {one}, gültig bis 12/27", f"CARD:{one}EXP", f"RG 4711 {one} 0527 123"):
                assert holds_card_number(text), text
                assert all(
                    may_hold_card_number(json.dumps(text, ensure_ascii=ascii_only).encode())
                    for ascii_only in (True, False)
                )
                assert not holds_card_number(masked(text)), text


def test_the_last_four_digits_stay() -> None:
    assert masked("paid with 4111 1111 1111 1111 (Visa)") == "paid with **** **** **** 1111 (Visa)"


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # the check digit is wrong
        "1111111111111117",  # no scheme begins like this
        "41111111111111110",  # no card of this scheme is so long
        "411111111111111100000",
        "NO93 8601 1117 947",
        "FI53 5370 0100 0015 31",
        "RF18 5390 0754 7034",
        "4006381333931",  # GTIN-13
        "+4915112345678",
        "RE-2026-00017 vom 2026-03-01 1.190,00 EUR",
        "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
        "302-1234567-1234567",
        "",
    ],
)
def test_what_is_no_card_number_is_left_alone(text: str) -> None:
    assert not holds_card_number(text)
    assert masked(text) == text


def test_an_iban_that_looks_like_a_card_number_is_left_alone_and_a_false_one_is_not() -> None:
    assert is_card_number("5078121212121212") is False
    iban = next(
        f"DK{check:02}{body}"
        for body in (f"{number:014}" for number in range(10**13, 10**13 + 10**5))
        for check in range(51, 56)
        if is_card_number(f"{check:02}{body}") and int(f"{body}1320{check:02}") % 97 == 1
    )

    assert not holds_card_number(iban)
    assert not holds_card_number(" ".join(iban[place : place + 4] for place in range(0, 18, 4)))
    assert holds_card_number("XX" + iban[2:])


def test_keys_of_the_erp_and_the_bank_may_look_like_a_card_number_in_one_piece() -> None:
    number = "4111111111111111"
    document = {
        "number": number,
        "order_id": number,
        "item_ids": [number],
        "bank_reference": number,
        "refers_to": number,
        "note": number,
        "lines": [{"text": f"by card {number}", "amount": 4111111111111111}, {"number": fours(number, " ")}],
        number: "name",
        "true": True,
    }

    assert fields_with_card_numbers(document) == ["body", "lines.0.amount", "lines.0.text", "lines.1.number", "note"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"note": "4111111111111111"}',
        b'{"note": "4111\\n1111\\n1111\\n1111"}',
        b'{"note": "4111\\t1111\\t1111\\t1111"}',
        b'{"note": "4111\\f1111\\f1111\\f1111"}',
        b'{"note": "4222222222222"}',
        b'{"note": "\\u0034111111111111111"}',
        '{"note": "４１１１１１１１１１１１１１１１"}'.encode(),
        '{"note": "4111\u00a01111\u00a01111\u00a01111"}'.encode(),
        b'{"note": 4111111111111111}',
    ],
    ids=[
        "plain",
        "lines",
        "tabs",
        "pages",
        "the shortest",
        "escaped",
        "wide digits",
        "gaps that do not break",
        "a number",
    ],
)
def test_the_quick_look_misses_nothing(body: bytes) -> None:
    assert may_hold_card_number(body)


def test_the_quick_look_passes_ordinary_bodies() -> None:
    item = '{"item_id": "itm_01a20371-e56e-7586-b856-32b553d70160", "at": "2026-11-22T13:03:58.123456Z"}'
    body = (
        '{"order_id": "SO-2026-00017", "amount": "1250.00", "day": "2026-04-01", "note": "M\\u00fcller \u00fcber 12 %"}'
    )

    assert not may_hold_card_number(body.encode())
    assert not may_hold_card_number(item.encode())


def masked_lines(content: str, encoding: str = "utf-8") -> tuple[str, list[int]]:
    new, lines = masked_file(content.encode(encoding))
    return new.decode(encoding), lines


def test_in_a_bank_file_text_is_masked_and_the_banks_keys_are_not() -> None:
    number = "4111111111111111"
    file = (
        f":20:{number}\r\n:25:{number}\r\n:61:2603200320C{number},NTRF{number}//{number}\r\n"
        ":86:166?20KARTE 41111111?2111111111?32MUELLER\r\n"
    )

    new, lines = masked_lines(file)

    assert lines == [3, 4]
    assert new == (
        f":20:{number}\r\n:25:{number}\r\n:61:2603200320C{number},NTRF************1111//{number}\r\n"
        ":86:166?20KARTE ********?21****1111?32MUELLER\r\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_in_xml_text_is_masked_and_account_numbers_are_not(encoding: str) -> None:
    file = "<Acct><Id>4111111111111111</Id></Acct>\n<Ustrd>&#52;111 1111 1111 1111</Ustrd><PAN>5105105105105100</PAN>"

    new, lines = masked_lines(file, encoding)

    assert lines == [2]
    assert (
        new == "<Acct><Id>4111111111111111</Id></Acct>\n<Ustrd>**** **** **** 1111</Ustrd><PAN>************5100</PAN>"
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\xff\xfeA", b"\xe9\x00" * 9, b"%PDF-1.7\n"], ids=range(5))
def test_a_file_without_card_numbers_stays_byte_for_byte(content: bytes) -> None:
    assert masked_file(content) == (content, [])


@pytest.mark.parametrize(
    "text",
    ["4 " * 200_000, "4111 " * 50_000, "4" * 400_000, "4-" * 200_000, "4111111111111112 " * 20_000],
    ids=range(5),
)
def test_no_text_takes_long(text: str) -> None:
    assert not holds_card_number(text + "x")


@pytest.mark.shared_data
def test_in_all_real_files_only_the_one_card_number_is_masked() -> None:
    if not DATA.exists():
        pytest.skip(f"{DATA} is not there")
    files: list[Any] = [one for one in DATA.rglob("*") if one.is_file() and not one.name.isupper()]
    about = ("LICENSE", "LICENCE", "MANIFEST", "SOURCE", "INDEX")
    found = set()
    for file in files:
        if not file.name.startswith(about):
            content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            if masked_file(content)[1]:
                found.add(file.name)

    # An account list of a credit card: the account's number is the card's.
    assert found == {"account_listing_aggregation.ofx"}


def one_danish_iban() -> str:
    """Return an IBAN that holds, and has what looks like a card number in it."""
    return next(
        f"DK{check:02}{body}"
        for body in (f"{number:014}" for number in range(10**13, 10**13 + 10**5))
        for check in range(51, 56)
        if is_card_number(f"{check:02}{body}") and int(f"{body}1320{check:02}") % 97 == 1
    )


@pytest.mark.parametrize(
    "content",
    [
        "1" + "\n?21" * 40 + "x",
        "4111111111111" + "\r\n?21" * 40 + "x",
        "?21" * 100_000,
        "4111111111111111\n" * 30_000,
        "4111\u200b" * 20_000,
    ],
    ids=["both breaks", "both breaks within a number", "breaks", "a card number a line", "unseen"],
)
def test_a_hostile_file_is_looked_at_as_quickly_as_another(content: str) -> None:
    started = time.process_time()

    masked_file(content.encode())

    assert time.process_time() - started < 10


def test_a_hostile_text_is_looked_at_as_quickly_as_another() -> None:
    started = time.process_time()

    assert not holds_card_number(f"{one_danish_iban()}, " * 20_000)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("gap", ["\n", "\r\n", "?21", "\n?21", "\r\n?60", "\n\n", "\u200b\n\u200b"])
def test_a_break_of_the_file_hides_no_card_number(gap: str) -> None:
    found, lines = masked_file(f":86:?2041111111{gap}11111111 ok\r\n".encode())

    assert lines == [1]
    assert found.decode() == f":86:?20********{gap}****1111 ok\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "7b34ea16-4586-4791-9232-1156b9db3ee3",
        "rcp_7b34ea16-4586-4791-9232-1156b9db3ee3",
        "C459321D39814929904802F445FC8855",
        "sha256:bbb9866cb8359450df1dd545edb9834ee0173baa4692316750710acf8ee4b24a",
        "0.5377873004573154",
        "-0.2464699448676019",
    ],
)
def test_digests_and_decimals_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.4111111111111111",
        "1.0.4111111111111111",
        "0. 4111111111111111",
        "0.4111 1111 1111 1111",
        "abcdef4111111111111111abcdef",
        "4111-1111-1111-1111-aaaaaaaaaaaa",
    ],
)
def test_what_only_looks_like_them_is_not(text: str) -> None:
    assert holds_card_number(text)
