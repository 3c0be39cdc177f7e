"""The fonts of a PDF, and which of them shows which text.

The one thing to know: Noto Sans (Latin, Greek, Cyrillic, Devanagari) is embedded. Chinese, Japanese and Korean are set in fonts
that PDF readers supply (ISO 32000-1, 9.7.5.2): embedding those would make every pack tens of megabytes.
"""

import html
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

TEXT_FONT = "NotoSans"
_KANA = re.compile(r"[\u3040-\u30ff]")
_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_JAPANESE, _CHINESE, _KOREAN = "HeiseiKakuGo-W5", "STSong-Light", "HYGothic-Medium"


@cache
def glyphs() -> frozenset[int]:
    """Make the fonts known to reportlab and return the characters of the text font."""
    with as_file(files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf") as path:
        font = TTFont(TEXT_FONT, str(path))
    pdfmetrics.registerFont(font)
    for name in (_JAPANESE, _CHINESE, _KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(font.face.charToGlyph)


def is_plain(text: str) -> bool:
    """Whether the text font has every character of a text."""
    return glyphs().issuperset(map(ord, text))


def width(text: str, size: float) -> float:
    """Return how wide a plain text is, in points."""
    return float(pdfmetrics.stringWidth(text, TEXT_FONT, size))


def marked_up(text: str) -> str:
    """Return a text as a paragraph's markup: each run in the font that has its characters."""
    east_asian = _JAPANESE if _KANA.search(text) else _CHINESE
    runs = groupby(text, key=lambda character: _font(character, east_asian))
    return "".join(_run(font, characters) for font, characters in runs)


def _font(character: str, east_asian: str) -> str:
    if _HANGUL.match(character):
        return _KOREAN
    return east_asian if _EAST_ASIAN.match(character) else TEXT_FONT


def _run(font: str, characters: Iterable[str]) -> str:
    text = html.escape("".join(characters))
    return text if font == TEXT_FONT else f'<font name="{font}">{text}</font>'
