"""Finding document numbers in what payers write: "RE-2024 / 00017", "re2024/17", "RE 2024-0001 7", "17, 18 and 19".

The one thing to know: a text is cut into atoms, runs of letters or of digits, and a number is a sequence of whole
atoms. So 1001 is never found inside 10012, and it is a weak finding where it hangs together with other digits.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from cashapp_service.matching.domain.vocabulary import DOCUMENT_WORDS, NUMBER_WORDS, OTHER_THINGS

ATOMS_MAX = 8
LENGTH_MIN = 3
DIGITS_ALONE_MIN = 5
SUFFIX_MAX = 2
_TEXT_MAX = 4_000
_ATOM = re.compile(r"[0-9]+|[^\W\d_]+")
_ASCII_ATOM = re.compile(r"[0-9]+|[A-Z]+")
# What may stand inside a number: "RE-2024 / 00017". A comma, a plus or a bracket ends it.
_INSIDE = re.compile(r"[-/._#: \t\r\n]{0,3}")
_TIGHT = re.compile(r"[-/._#:]{0,2}")
_LIST = re.compile(r"\s*(?:[,;/+&]|\s)\s*")
_RANGE_END = re.compile(
    r"\s*(?:[-–—]|\bBIS\b|\bTO\b|\bTILL\b|\bTHROUGH\b|\bT/M\b|\bTOT\b|\.{2,3})\s*([A-Z0-9][A-Z0-9/_-]*)"
)
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_AMOUNT = re.compile(r"(?<![0-9.,/-])[0-9]{1,3}(?:[., ']?[0-9]{3})*[.,][0-9]{2}(?![0-9.,/-])")
_DAY = re.compile(r"(?<![0-9])([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})(?![0-9])")
_ISO_DAY = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_PHONE = re.compile(r"\+[0-9][0-9 ()/-]{6,}[0-9]|\b(?:TEL|PHONE|FAX|TELEFON|MOBIL)[ .:]*[0-9(][0-9 ()/-]{4,}[0-9]")


class Strength(Enum):
    """How surely a text names a document."""

    FULL = "full"
    LIKELY = "likely"


class Kind(Enum):
    """By which of its identifiers an item is found. `DIGITS` is its number without its letters."""

    NUMBER = "number"
    REFERENCE = "reference"
    DIGITS = "digits"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Key:
    """One way in which an identifier may be written, brought to one form."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Atom:
    """A run of letters or of digits, and where in the folded text it stands."""

    text: str
    start: int
    end: int

    @property
    def digits(self) -> bool:
        """Return whether it is a run of digits."""
        return self.text.isdigit()


@dataclass(frozen=True, slots=True)
class Span:
    """A sequence of atoms that may be a number. `grouped` keeps its groups, `compact` does not."""

    first: int
    last: int
    grouped: str
    compact: str

    def covers(self, other: "Span") -> bool:
        """Return whether the other lies wholly inside and is shorter."""
        inside = self.first <= other.first and other.last <= self.last
        return inside and (self.first, self.last) != (other.first, other.last)

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two share an atom."""
        return self.first <= other.last and other.first <= self.last


def fold(text: str) -> str:
    """Return text in capitals and in one form of each character, so that two ways of writing compare equal."""
    return unicodedata.normalize("NFKC", text[:_TEXT_MAX]).upper()


def _grouped(atoms: Iterable[Atom]) -> str:
    return ".".join(atom.text.lstrip("0") or "0" if atom.digits else atom.text for atom in atoms)


def _compact(atoms: Iterable[Atom]) -> str:
    return "".join(atom.text for atom in atoms).lstrip("0")


def _atoms(folded: str) -> list[Atom]:
    return [Atom(found[0], found.start(), found.end()) for found in _ATOM.finditer(folded) if found[0].isascii()]


def keys_of_number(number: str, kind: Kind = Kind.NUMBER) -> frozenset[Key]:
    """Return the keys under which an identifier is found, empty where it is too short to be told from any number."""
    whole, digits_alone = _texts(number, kind)
    keys = [Key(text, kind) for text in whole] + [Key(text, Kind.DIGITS) for text in digits_alone]
    return frozenset(key for key in keys if key.text)


def _texts(number: str, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts of an identifier's keys: of all of it, and of what stands from its first digit on."""
    # As by `_atoms`, `_grouped` and `_compact` without making atoms: every item that is posted comes by here, thrice.
    if number.isascii():
        runs = _ASCII_ATOM.findall(number[:_TEXT_MAX].upper())
    else:
        runs = [run for run in _ATOM.findall(fold(number)) if run.isascii()]
    groups: list[str] = []
    first = digits = 0
    for run in runs:
        if run < ":":
            first = first if digits else len(groups)
            digits += len(run)
            groups.append(run.lstrip("0") or "0")
        else:
            groups.append(run)
    together = "".join(runs)
    if not digits or len(together) < LENGTH_MIN:
        return (), ()
    whole = ".".join(groups), together.lstrip("0")
    if kind is not Kind.NUMBER or not first or digits < DIGITS_ALONE_MIN:
        return whole, ()
    return whole, (".".join(groups[first:]), "".join(runs[first:]).lstrip("0"))


def match_keys(number: str, *others: str | None) -> list[str]:
    """Return all texts to store with an item, so that `keys_in_text` of a receipt finds it: number, reference, orders."""
    texts = {text for found in _texts(number, Kind.NUMBER) for text in found}
    for other in others:
        if other:
            texts.update(_texts(other, Kind.ORDER)[0])
    return sorted(texts - {""})


def keys_in_text(*texts: str) -> frozenset[str]:
    """Return the texts of all keys that these texts may name, to look items up by."""
    found: set[str] = set()
    for text in texts:
        for span in Writing(text).spans():
            found |= {span.grouped, span.compact}
    return frozenset(found)


class Writing:
    """A text a payer wrote, cut into atoms, with the stretches that are amounts, days, phone numbers or IBANs."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self.atoms = _atoms(self.folded)
        noise = list(_noise(self.folded))
        self._noise = [
            next((stretch for stretch in noise if stretch[0] <= atom.start and atom.end <= stretch[1]), None)
            for atom in self.atoms
        ]

    def gap(self, index: int) -> str:
        """Return what stands between an atom and the next one."""
        return self.folded[self.atoms[index].end : self.atoms[index + 1].start]

    def spans(self) -> Iterator[Span]:
        """Yield every sequence of atoms that holds a digit and might be a number."""
        for first in range(len(self.atoms)):
            for last in range(first, min(first + ATOMS_MAX, len(self.atoms))):
                if last > first and not _INSIDE.fullmatch(self.gap(last - 1)):
                    break
                atoms = self.atoms[first : last + 1]
                if any(atom.digits for atom in atoms):
                    yield Span(first, last, _grouped(atoms), _compact(atoms))

    def is_noise(self, span: Span) -> bool:
        """Return whether the span is only a part of an amount, a day, a phone number or an IBAN."""
        stretch = self._noise[span.first]
        if stretch is None or stretch != self._noise[span.last]:
            return False
        return (self.atoms[span.first].start, self.atoms[span.last].end) != stretch

    def looks_like_other(self, span: Span) -> bool:
        """Return whether the span reads as a whole amount or day, or stands behind a word for something else."""
        if self._noise[span.first] is not None and self._noise[span.first] == self._noise[span.last]:
            return True
        if not self.atoms[span.first].digits:
            return False
        before = (atom.text for atom in reversed(self.atoms[max(0, span.first - 3) : span.first]))
        return next((word for word in before if word not in NUMBER_WORDS), None) in OTHER_THINGS

    def broken(self, span: Span, grouped: Iterable[str]) -> bool:
        """Return whether the number's digits were joined over a gap that is not a gap of the number itself."""
        if span.grouped in grouped:
            return False
        return any(self.atoms[index].digits and self.atoms[index + 1].digits for index in range(span.first, span.last))

    def hangs_together(self, span: Span, covered: set[int]) -> bool:
        """Return whether digits or a letter or two cling to the span that no other finding (`covered`) explains."""
        first = span.first
        while first > 0 and _TIGHT.fullmatch(self.gap(first - 1)):
            first -= 1
        last = span.last
        while last + 1 < len(self.atoms) and _TIGHT.fullmatch(self.gap(last)):
            last += 1
        for index in range(first, last + 1):
            if index in covered or span.first <= index <= span.last or self._noise[index] is not None:
                continue
            glued = index == span.last + 1 and not self.gap(span.last) and len(self.atoms[index].text) <= SUFFIX_MAX
            if self.atoms[index].digits or glued:
                return True
        return False

    def stands_alone_or_after_document_word(self, span: Span) -> bool:
        """Return whether nothing but words for "invoice" and "number" clings to the front of the span."""
        first = span.first
        while first > 0 and _TIGHT.fullmatch(self.gap(first - 1)):
            first -= 1
            if self.atoms[first].text not in DOCUMENT_WORDS:
                return False
        return True

    def following_numbers(self, span: Span) -> Iterator[tuple[int, str]]:
        """Yield the atoms of a list that goes on after a number ("RE-2024-00017, 18 and 19"), each made whole."""
        prefix = self.folded[self.atoms[span.first].start : self.atoms[span.last].start]
        stem = self.atoms[span.last].text
        index = span.last
        while index + 1 < len(self.atoms):
            if not (_LIST.fullmatch(self.gap(index)) or self.gap(index) == "/"):
                return
            index += 1
            atom = self.atoms[index]
            if atom.text in ("UND", "AND", "U", "EN", "ET"):
                continue
            if not atom.digits or len(atom.text) > len(stem) or self._noise[index] is not None:
                return
            yield index, prefix + stem[: len(stem) - len(atom.text)] + atom.text

    def range_end(self, span: Span) -> tuple[set[int], str] | None:
        """Return the number that a range from this one runs to ("1001 to 1005"), made whole, and its atoms."""
        end = self.atoms[span.last].end
        found = _RANGE_END.match(self.folded, end)
        if found is None:
            return None
        written, stem = found[1], self.atoms[span.last].text
        if written.isdigit():
            if len(written) > len(stem):
                return None
            prefix = self.folded[self.atoms[span.first].start : self.atoms[span.last].start]
            written = prefix + stem[: len(stem) - len(written)] + written
        return {index for index, atom in enumerate(self.atoms) if end <= atom.start < found.end()}, written


def _noise(folded: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(folded):
        # The words behind an IBAN may look like more of it.
        words = found[0].split(" ")
        for count in range(len(words), 0, -1):
            if _is_iban("".join(words[:count])):
                yield found.start(), found.start() + len(" ".join(words[:count]))
                break
    for found in _PHONE.finditer(folded):
        yield found.span()
    for found in _DAY.finditer(folded):
        day, month, year = (int(part) for part in found.groups())
        if _is_day(year, month, day) or _is_day(year, day, month):
            yield found.span()
    for found in _ISO_DAY.finditer(folded):
        if _is_day(*(int(part) for part in found.groups())):
            yield found.span()
    for found in _AMOUNT.finditer(folded):
        yield found.span()


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return False
    return year < 100 or 1950 <= year < 2100


def _is_iban(text: str) -> bool:
    """Return whether the check digits hold (ISO 13616, modulo 97). A creditor reference (RF) has the same ones."""
    if len(text) < 15 or text.startswith("RF"):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
