"""By what a customer is found: every name, number and contact, folded so that ways of writing it fall together.

The one thing to know: what is stored and what is asked for are folded alike, to plain ASCII words, so that the search needs
no locale of the database. Legal forms are left out of both, or every "GmbH" would be like every other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from anyascii import anyascii

_FORMS = """
    gmbh mbh ag kg kgaa ohg ug se ek ev eg gbr ltd limited plc llc llp lp inc incorporated co corp corporation company
    bv nv vof cv sa sas sasu sarl sl slu spa srl sprl snc scs sca ab asa aps oy oyj hf ehf sp zoo doo dd ooo oao zao pao
    jsc ojsc pty pte pvt bhd sdn kk kft zrt nyrt rt sro ltda eireli lda sapi the
"""
LEGAL_FORMS = frozenset(_FORMS.split())
"""The common ones of the world, as they are after folding."""

_INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b|\W|$)")
_PHONE = re.compile(r"[\d\s()+/.-]{5,}")
_SHORT = 3
"""Shorter words have too few trigrams to look inside of words for them."""
_ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. Any of `needles` may stand inside of a name; `words` are compared with the names.

    `similarity_min` is how much of `words` must be alike for a customer to be found, from 0 to 1. Where `enough` customers
    contain what is wanted, nobody looks for those that are only alike.
    """

    number: str
    words: str
    needles: tuple[str, ...]
    similarity_min: Decimal
    enough: int
    alike: bool = True


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return text in small ASCII letters and digits, a blank between words.

    Any script is transliterated; "ue", "oe" and "ae" fall together with the umlauts and with the bare vowels.
    """
    plain = anyascii(text).casefold()
    joined = _INITIALS.sub("", re.sub(r"['`]", "", plain))
    words = re.sub(r"[^a-z0-9]+", " ", joined).strip()
    return words.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def folded_name(name: str) -> str:
    """Return a folded name without its legal forms, unless it is made of them."""
    words = folded(name).split()
    return " ".join([word for word in words if word not in LEGAL_FORMS] or words)


def _digits(phone: str) -> str:
    """Return a phone number without what may be left out of it: signs, the trunk prefix, leading zeros."""
    return re.sub(r"\D", "", phone.replace("(0)", "")).lstrip("0")


def search_text(
    customer_id: str, *, names: Iterable[str | None], contacts: Iterable[Mapping[str, str | None]] = ()
) -> str:
    """Return what a customer is found by, a line for each name, number, mail address and phone."""
    lines = [folded(customer_id), *(folded_name(name) for name in names if name)]
    for contact in contacts:
        lines += [folded_name(contact[field] or "") for field in ("name", "email")]
        lines.append(_digits(contact["phone"] or ""))
    return "\n".join(dict.fromkeys(line for line in lines if line))


def wanted(q: str) -> Wanted:
    """Return what a question asks for."""
    words = folded_name(q)
    needles = [words] if len(words) >= _SHORT else []
    if _PHONE.fullmatch(q.strip()) and (digits := _digits(q)):
        needles.append(digits)
    # Numbers are all alike: next to one that is there, the others are no answer.
    enough = 1 if any(char.isdigit() for char in words) else _ENOUGH
    return Wanted(q.strip(), words, tuple(needles), _similarity_min(len(words)), enough)


def _similarity_min(length: int) -> Decimal:
    """Return how much must be alike: less of middling words, of which a typo spoils three trigrams out of few.

    Of the shortest a typo leaves nothing that would tell them from others.
    """
    if length < _SHORT:
        return Decimal("0.6")
    if 4 < length <= 14:
        return Decimal("0.35") if length <= 6 else Decimal("0.4")
    return Decimal("0.5")
