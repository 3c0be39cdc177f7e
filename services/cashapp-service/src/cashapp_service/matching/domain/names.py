"""When a payer's name is a customer's, or like it; and the marks by which a database finds such names without looking at all.

The one thing to know: marks find every name that is the same or alike, and may find others; only `normalised_name` and
`names_alike` decide. Marks are stored: who changes how a name is read writes them anew with a migration.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement

from cashapp_service.matching.domain.vocabulary import LEGAL_FORMS

ALIKE_LENGTH_MIN = 8
_SPELLED_MAX, _WORD_MAX = 200, 40
"""Letters of a name and of a word that its marks have, so that an index takes them."""


@dataclass(frozen=True, slots=True)
class NameMarks:
    """By what a name is found: its letters in one, its two longest words (None where it is one word), and its words."""

    spelled: str
    pair: str | None
    words: tuple[str, ...]


def marks_of(name: str) -> NameMarks | None:
    """Return the marks of a customer's name; None where it has no letter or digit."""
    words = normalised_name(name)
    if not words:
        return None
    longest = (_by_length(words) * 2)[:2]
    return NameMarks(_spelled(words), _pair(longest) if len(words) > 1 else None, tuple(dict.fromkeys(words)))


@dataclass(frozen=True, slots=True)
class NameSearch:
    """What the marks of names are that a payer's name may be: equal or cut short, going on, or made of some of its words."""

    spelled: tuple[str, ...]
    beginning: str | None
    pairs: tuple[str, ...]
    words: tuple[str, ...]


def search_for(payer_name: str) -> NameSearch | None:
    """Return what to look for; None where the name has no letter or digit."""
    words = normalised_name(payer_name)
    if not words:
        return None
    letters = _spelled(words)
    cut_short = (letters[:length] for length in range(ALIKE_LENGTH_MIN, len(letters)))
    pairs = dict.fromkeys(map(_pair, combinations_with_replacement(_by_length(words), 2)))
    return NameSearch(
        spelled=(letters, *cut_short),
        beginning=letters if len(letters) >= ALIKE_LENGTH_MIN else None,
        pairs=tuple(pairs) if len(letters) >= ALIKE_LENGTH_MIN else (),
        words=tuple(dict.fromkeys(words)),
    )


def _spelled(words: Iterable[str]) -> str:
    return "".join(words)[:_SPELLED_MAX]


def _by_length(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda word: (-len(word), word))


def _pair(words: Iterable[str]) -> str:
    return " ".join(word[:_WORD_MAX] for word in words)


def normalised_name(name: str) -> tuple[str, ...]:
    """Return the words that make a name: without accents, legal forms and punctuation.

    "ue", "oe" and "ae" fall together with the umlauts and with the bare vowels, since banks write all three.
    """
    bare = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(character for character in bare if not unicodedata.combining(character))
    letters = re.sub(r"(?<=\b\w)\.", "", letters)
    words = re.findall(r"[^\W_]+", letters.replace("ue", "u").replace("oe", "o").replace("ae", "a"))
    kept = tuple(word for word in words if word not in LEGAL_FORMS)
    return kept or tuple(words)


def names_alike(payer: tuple[str, ...], customer: tuple[str, ...]) -> bool:
    """Return whether one name is the other cut short, or holds all words of a name of at least two."""
    left, right = "".join(payer), "".join(customer)
    shorter = min(len(left), len(right))
    if shorter >= ALIKE_LENGTH_MIN and (left.startswith(right) or right.startswith(left)):
        return True
    return len(customer) > 1 and shorter >= ALIKE_LENGTH_MIN and set(customer) <= set(payer)
