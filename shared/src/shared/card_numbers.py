"""Card numbers (primary account numbers) in text: finding them and masking them, so that none is ever stored or logged.

The one thing to know: a card number is 13 to 19 digits that begin as a card scheme issues them, have a length of that scheme
and pass the check of ISO/IEC 7812-1, annex B (Luhn); written in one piece, in groups of four, as 4-6-5 or 4-6-4, or digit by
digit, with up to three spaces, hyphens, dots and the like between two groups. A longer piece of digits is none. One in ten
numbers that begin and measure like one passes the check by chance, so what is known to be something else is left alone:
IBANs (ISO 13616) and creditor references (ISO 11649) whose own check holds, telephone numbers with their "+", GTIN-13, UUIDs
and digests in hexadecimal digits, the decimals of a number below one, and the pieces of digits in `KEY_FIELDS`, where the
ERP's and the bank's own keys stand.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from shared.errors import FieldError, InvalidError

Span = tuple[int, int]

KEY_FIELDS = frozenset(
    {
        "id",
        "ids",
        "number",
        "po_number",
        "order_number",
        "invoice_number",
        "document_number",
        "delivery_number",
        "policy_number",
        "registration_number",
        "account_number",
        "refers_to",
        "bank_reference",
        "payment_reference",
        "gtin",
        "ean",
        "sku",
    }
)
"""Fields, beside those that end in `_id` or `_ids`, whose value is a key of the ERP or the bank: in one piece it is no card's."""

_ISSUED = re.compile(
    "|".join(
        {
            "visa": r"4(?:\d{12}|\d{15}|\d{18})",
            "mastercard": r"(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}",
            "maestro": r"(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}",
            "dankort": r"5019\d{12}",
            "american_express": r"3[47]\d{13}",
            "diners": r"3(?:0[0-5]\d|095|[689]\d\d)\d{10,15}",
            "discover": r"(?:6011|64[4-9]\d|65\d\d)\d{12,15}",
            "jcb": r"35(?:2[89]|[3-8]\d)\d{12,15}",
            "unionpay": r"(?:62|81)\d{14,17}",
            "mir": r"220[0-4]\d{12,15}",
            "rupay": r"(?:508\d|60\d\d|8[12]\d\d)\d{12}",
        }.values()
    )
)
_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
    "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 "
    "SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
_IBAN_LENGTHS = {one[:2]: int(one[2:]) for one in _IBANS.split()}
"""By country, from the registry of ISO 13616."""
_IBAN_LENGTH_MIN = min(_IBAN_LENGTHS.values())

# What nobody sees stands between digits as if it were not there: soft hyphens, characters without width, marks of direction.
_UNSEEN = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
_GAP = rf"(?:[\s.\-_/\u00b7\u2010-\u2015\u2212]|{_UNSEEN}){{1,3}}+"
# In a bank's file a piece of text may be broken anywhere: by a line end, or by a subfield of MT940's field 86, or by both.
# What is one of them in two ways, or any number of them, would have a hostile file looked at for hours.
_BREAK = r"(?:\r?\n|\?[2-6]\d)"
_BREAKS = rf"(?:{_UNSEEN}*{_BREAK}){{0,6}}{_UNSEEN}*"
_BROKEN = re.compile(_BREAK)

_HINT = re.compile(rf"\d(?:(?:{_GAP})?\d){{12}}")
_HINT_IN_JSON = re.compile(rb"[\d\x80-\xff](?:[\d\s.\-_/\x80-\xff]|\\[nrtbf/]){12}")
_MAYBE = b"?"
_MAYBES = bytes(
    _MAYBE[0] if one in rb"0123456789 .-_/\nrtbf" + b"\t\n\r\f\v" or one >= 0x80 else 0 for one in range(256)
)
"""The bytes of which a hint is made, and the letters of escapes: a run of thirteen is found in a tenth of the pattern's time."""
# An escape that may stand for a digit, a gap or something unseen: any but those of Latin letters.
_HIDDEN_IN_JSON = re.compile(rb"\\u(?!00[c-fC-F])")

_PIECE = re.compile(rf"(?<!\d)\d(?:{_UNSEEN}*\d){{12,18}}(?!\d)")
_BEGIN = r"(?:(?<!\d)|(?<=\?[2-6]\d))"
"""Not after a digit, except those of a subfield's tag."""
_PIECE_IN_FILE = re.compile(rf"{_BEGIN}(?=(\d(?:{_BREAKS}\d){{12,18}})(?!\d))")
_GROUPED = tuple(
    re.compile(rf"{_BEGIN}(?=({pattern})(?!\d))")
    for pattern in (
        rf"\d{{4}}(?:{_GAP}\d{{4}}){{2}}{_GAP}\d{{1,4}}",
        rf"\d{{4}}(?:{_GAP}\d{{4}}){{3}}{_GAP}\d{{1,3}}",
        rf"\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}",
    )
)
_DIGIT_BY_DIGIT = re.compile(rf"(?<!\d)\d(?:{_GAP}\d(?!\d)){{12,}}+")
_DIGITS_BY_THEMSELVES_MAX = 40
"""A longer row of single digits is a table, and looking at all its parts would take long."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]){10,30}")
_CREDITOR_REFERENCE = re.compile(r"(?<![A-Za-z0-9])RF\d{2}(?:[ \u00a0]?[A-Z0-9]){1,21}")
_HEXADECIMAL_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
"""UUIDs (RFC 9562), trace ids and digests: in 32 such digits, or more, one in a thousand has what looks like a card number."""
_FRACTION = re.compile(r"(?<![\d.])0\.$")
_DIGIT_REFERENCE = re.compile(r"&#(?:0*(4[89]|5[0-7])|[xX]0*(3[0-9]));")
_KEYS_IN_FILE = (
    # ISO 20022: what the bank calls the entry and the file, and whose account it is.
    re.compile(r"<(?:\w+:)?(?:IBAN|Id|MsgId|AcctSvcrRef|NtryRef|InstrId|TxId|ClrSysRef|PmtInfId|ElctrncSeqNb)>[^<]*"),
    # MT940: reference, account, number and balances of the statement; of an entry, all but its references; the bank's one.
    re.compile(r"^:(?:20|21|25P?|28C?|6[0245][FM]?|34F|13D|90[CD]):[^\r\n]*", re.MULTILINE),
    re.compile(r"^:61:\d{6}(?:\d{4})?R?[CD][A-Z]?[\d,.]+", re.MULTILINE),
    re.compile(r"(?<=//)[^\s/]{1,34}(?=\r?$)", re.MULTILINE),
)
_NO_DIGIT = re.compile(r"\D+", re.ASCII)
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))


class CardNumberError(InvalidError):
    """A card number was sent."""

    code = "card_number"

    def __init__(self, fields: Iterable[str]) -> None:
        remedy = "A card number stands here: send card_token and card_last4 of a receipt instead, or leave it out."
        super().__init__(
            "Card numbers are not taken: nothing of this was stored. Remove them from the fields named in errors.",
            errors=tuple(FieldError(field, remedy) for field in fields),
        )


def is_card_number(digits: str) -> bool:
    """Tell whether a number is one that a card may have: begin, length and check digit."""
    if not _ISSUED.fullmatch(digits):
        return False
    backwards = digits.encode()[::-1]
    return (sum(backwards[::2].translate(_PLAIN)) + sum(backwards[1::2].translate(_DOUBLED))) % 10 == 0


def holds_card_number(text: str) -> bool:
    """Tell whether there is a card number in a text."""
    return next(card_numbers_in(text), None) is not None


def masked(text: str) -> str:
    """Return a text with all digits but the last four of each card number replaced by "*"."""
    return _masked(text, card_numbers_in(text))


def _masked(text: str, spans: Iterable[Span], *, broken: bool = False) -> str:
    characters = list(text)
    for start, end in spans:
        tags = {place for tag in _BROKEN.finditer(text, start, end) for place in range(*tag.span())} if broken else ()
        places = [place for place in range(start, end) if text[place].isdecimal() and place not in tags]
        for place in places[:-4]:
            characters[place] = "*"
    return "".join(characters)


def masked_file(content: bytes) -> tuple[bytes, list[int]]:
    """Return a bank's file with its card numbers masked, and the lines (from 1) on which one began.

    Nothing else changes. Where the bank puts its own keys and account numbers (`_KEYS_IN_FILE`) nothing is masked.
    """
    encoding, errors = _encoding_of(content)
    half = content[len(content) // 2 * 2 :] if encoding != "utf-8" else b""
    text = content.removesuffix(half).decode(encoding, errors)
    text = _DIGIT_REFERENCE.sub(lambda found: chr(int(found[2] or found[1], 16 if found[1] is None else 10)), text)
    keys = bytearray(len(text))
    for pattern in _KEYS_IN_FILE:
        for found in pattern.finditer(text):
            keys[slice(*found.span())] = b"k" * len(found[0])
    spans = [span for span in card_numbers_in(text, broken=True) if 0 in keys[slice(*span)]]
    if not spans:
        return content, []
    ends = [found.start() for found in re.finditer("\n", text)]
    lines = sorted({bisect_left(ends, start) + 1 for start, _ in spans})
    return _masked(text, spans, broken=True).encode(encoding, errors) + half, lines


def _encoding_of(content: bytes) -> tuple[str, str]:
    """Return how a file is written, as far as digits and gaps go, and what becomes of bytes that are not written like it."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    wide = marks.get(content[:2])
    return (wide, "surrogatepass") if wide else ("utf-8", "surrogateescape")


def card_numbers_in(text: str, *, broken: bool = False) -> Iterator[Span]:
    """Yield where card numbers stand in a text; `broken` where its lines may end within a number, as in a bank's file."""
    if not broken and not _HINT.search(text):
        return
    text = text if text.isascii() else "".join(map(_plain, text))
    known: Callable[[int, int], bool] | None = None
    for start, end in _candidates(text, broken=broken):
        piece = text[start:end]
        digits = _NO_DIGIT.sub("", _BROKEN.sub("", piece) if broken else piece)
        if not is_card_number(digits) or _is_gtin_13(piece) or _is_telephone(text, start, digits):
            continue
        if _is_fraction(text, start, piece):
            continue
        if known is None:
            known = _within(_checked_by_themselves(text))
        if not known(start, end):
            yield start, end


def _within(spans: Iterable[Span]) -> Callable[[int, int], bool]:
    """Return what tells whether a place lies in one of `spans`, however many they are."""
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]
    reached = list(accumulate((end for _, end in ordered), max))

    def holds(start: int, end: int) -> bool:
        before = bisect_right(starts, start)
        return before > 0 and end <= reached[before - 1]

    return holds


def _plain(character: str) -> str:
    """Return the digit that a decimal of any script stands for; anything else as it is."""
    return str(int(character)) if character.isdecimal() else character


def _candidates(text: str, *, broken: bool) -> Iterator[Span]:
    """Yield where something stands that is written as a card number is; of overlapping places, each."""
    if not broken:
        for found in _PIECE.finditer(text):
            yield found.span()
    for pattern in (_PIECE_IN_FILE, *_GROUPED) if broken else _GROUPED:
        for found in pattern.finditer(text):
            yield found.span(1)
    for found in _DIGIT_BY_DIGIT.finditer(text):
        places = [place for place in range(*found.span()) if text[place].isdigit()]
        if len(places) <= _DIGITS_BY_THEMSELVES_MAX:
            for first in range(len(places) - 12):
                for last in range(first + 12, min(first + 19, len(places))):
                    yield places[first], places[last] + 1


def _is_gtin_13(text: str) -> bool:
    """Tell whether an article number stands here: 13 digits in one piece with GS1's check digit."""
    if len(text) != 13 or not text.isdigit():
        return False
    values = [int(one) for one in text]
    return (sum(values[::2]) + 3 * sum(values[1::2])) % 10 == 0


def _is_telephone(text: str, start: int, digits: str) -> bool:
    """Tell whether a telephone number stands here: a "+" and at most 15 digits (ITU-T E.164)."""
    return len(digits) <= 15 and text[max(start - 1, 0) : start] == "+"


def _is_fraction(text: str, start: int, piece: str) -> bool:
    """Tell whether the decimals of a number below one stand here, in one piece: a rate or share as programs write it."""
    return piece.isdigit() and _FRACTION.search(text, max(start - 3, 0), start) is not None


def _checked_by_themselves(text: str) -> Iterator[Span]:
    """Yield where IBANs and creditor references stand whose own check digits hold, and keys of hexadecimal digits."""
    for found in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(found[0][:2])
        places = [place for place in range(*found.span()) if text[place].isalnum()]
        if length and len(places) >= length:
            end = places[length - 1] + 1
            if _passes_mod_97(text[found.start() : end]):
                yield found.start(), end
    for found in _CREDITOR_REFERENCE.finditer(text):
        if _passes_mod_97(found[0]):
            yield found.span()
    for found in _HEXADECIMAL_KEY.finditer(text):
        yield found.span()


def _passes_mod_97(text: str) -> bool:
    """Tell whether the check digits of ISO/IEC 7064, MOD 97-10, hold."""
    compact = "".join(one for one in text if one.isalnum())
    return int("".join(str(int(one, 36)) for one in compact[4:] + compact[:4])) % 97 == 1


def is_false_iban(compact: str) -> bool:
    """Tell whether letters and digits without gaps are written as an IBAN of a country is, and are none."""
    length = _IBAN_LENGTHS.get(compact[:2]) if len(compact) >= _IBAN_LENGTH_MIN and compact[2:4].isdigit() else None
    return length is not None and (len(compact) != length or not _passes_mod_97(compact))


def is_key(name: str) -> bool:
    """Tell whether the field of this name holds a key of the ERP or the bank."""
    return name in KEY_FIELDS or name.endswith(("_id", "_ids"))


def may_hold_card_number(json_bytes: bytes) -> bool:
    """Tell whether it is worth while to look at each value of a JSON text in UTF-8; quick, and never wrong when it says no."""
    if b"\\u" in json_bytes and _HIDDEN_IN_JSON.search(json_bytes):
        return True
    hint = json_bytes.translate(_MAYBES).find(_MAYBE * 13)
    return hint >= 0 and _HINT_IN_JSON.search(json_bytes, hint) is not None


def fields_with_card_numbers(document: Any) -> list[str]:
    """Return the dotted paths of the values of a JSON document in which card numbers stand."""
    found = []
    waiting: list[tuple[str, str, Any]] = [("", "", document)]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, dict):
            below = f"{path}." if path else ""
            waiting += [(f"{below}{key}", key, each) for key, each in value.items()]
            waiting += [(path, "", key) for key in value]
        elif isinstance(value, list):
            waiting += [(f"{path}.{place}" if path else str(place), name, each) for place, each in enumerate(value)]
        elif _holds(value, name):
            found.append(path or "body")
    return sorted(set(found))


def _holds(value: Any, name: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value)
    return not (is_key(name) and text.isalnum()) and holds_card_number(text)
