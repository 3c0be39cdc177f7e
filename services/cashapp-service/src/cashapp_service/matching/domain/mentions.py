"""Which open items a receipt names, how surely, and what speaks against each finding.

The one thing to know: a finding is full only if it cannot well be something else. The same number at two customers,
digits joined over a gap, digits that cling to others, a number behind "customer" or "order" are likely at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cashapp_service.matching.domain.candidates import Candidates, item_keys
from cashapp_service.matching.domain.document_numbers import Kind, Span, Strength, Writing, keys_of_number
from cashapp_service.matching.domain.facts import OpenItem

FULL_LENGTH_MIN = 4
_JOINED_LETTERS_MIN = 6
_JOINED_DIGITS_MIN = 8
_RANGE_MAX = 500
_DOCUMENT_KINDS = (Kind.NUMBER, Kind.REFERENCE)


@dataclass(frozen=True, slots=True)
class Mention:
    """That a text names an item. `implied` means that it only follows from a list or a range."""

    item: OpenItem
    kind: Kind
    strength: Strength
    length: int
    doubts: tuple[str, ...] = ()
    implied: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    span: Span
    entries: tuple[tuple[OpenItem, Kind], ...]
    broken: bool


def find_mentions(writings: Iterable[Writing], candidates: Candidates) -> list[Mention]:
    """Return the items the texts name, each once with its surest finding, in the order of their numbers."""
    best: dict[str, Mention] = {}
    for writing in writings:
        for mention in _in_text(writing, candidates):
            known = best.get(mention.item.item_id)
            if known is None or _rank(mention) < _rank(known):
                best[mention.item.item_id] = mention
    return [best[item_id] for item_id in sorted(best, key=lambda item_id: (best[item_id].item.number, item_id))]


def implied_keys(writings: Iterable[Writing], candidates: Candidates) -> set[str]:
    """Return the keys of what lists and ranges imply behind the items that are known, to look up what is not yet."""
    numbers: set[str] = set()
    for writing in writings:
        for hit in _hits(writing, candidates):
            if item := _beginning(hit):
                numbers.update(number for _, number in writing.following_numbers(hit.span))
                ending = writing.range_end(hit.span)
                numbers.update(_range_numbers(item.number, ending[1]) if ending else ())
    return {key.text for number in numbers for key in keys_of_number(number) if key.kind is Kind.NUMBER}


def _beginning(hit: _Hit) -> OpenItem | None:
    """Return the item that a list or a range may begin with: the only one that has the number."""
    numbered = [item for item, kind in hit.entries if kind is Kind.NUMBER]
    return numbered[0] if len(numbered) == 1 and not hit.broken else None


def _rank(mention: Mention) -> tuple[bool, bool, bool, tuple[str, ...]]:
    return (
        mention.implied,
        mention.strength is not Strength.FULL,
        mention.kind not in _DOCUMENT_KINDS,
        mention.doubts,
    )


def _in_text(writing: Writing, candidates: Candidates) -> Iterator[Mention]:
    hits = _hits(writing, candidates)
    covered = {index for hit in hits for index in range(hit.span.first, hit.span.last + 1)}
    implied: list[Mention] = []
    for hit in hits:
        atoms, mentions = _implied(writing, hit, candidates)
        covered |= atoms
        implied += mentions
    for hit in hits:
        yield from _judged(writing, hit, hits, covered)
    yield from implied


def _hits(writing: Writing, candidates: Candidates) -> list[_Hit]:
    """Return what the text may name, without what is only a part of a longer number that it names."""
    hits = []
    for span in writing.spans():
        if writing.is_noise(span):
            continue
        found = {
            (item.item_id, kind): item for key in (span.grouped, span.compact) for item, kind in candidates.named(key)
        }
        if found:
            entries = tuple((item, kind) for (_, kind), item in sorted(found.items(), key=_entry_order))
            known = {key.text for item, _ in entries for key in item_keys(item)}
            hits.append(_Hit(span, entries, writing.broken(span, known)))
    return [hit for hit in hits if not any(_hides(other, hit) for other in hits)]


def _hides(longer: _Hit, hit: _Hit) -> bool:
    """Return whether a hit is only a part of a longer one that is as good, or that names the same items."""
    items, same = ({item.item_id for item, _ in one.entries} for one in (longer, hit))
    return longer.span.covers(hit.span) and (not longer.broken or same <= items)


def _entry_order(entry: tuple[tuple[str, Kind], OpenItem]) -> tuple[str, str]:
    (item_id, kind), _ = entry
    return item_id, kind.value


def _judged(writing: Writing, hit: _Hit, hits: list[_Hit], covered: set[int]) -> Iterator[Mention]:
    entries = _preferred(hit.entries)
    doubts = tuple(_doubts(writing, hit, hits, covered))
    if others := _other_claimants(entries):
        doubts += (f"The number {entries[0][0].number} is also that of {others}.",)
    length = len(hit.span.compact)
    for item, kind in entries:
        own = doubts
        if kind is Kind.DIGITS and not writing.stands_alone_or_after_document_word(hit.span):
            own += (f"Other letters than those of {item.number} stand before its digits.",)
        strength = Strength.LIKELY if own or length < FULL_LENGTH_MIN else Strength.FULL
        yield Mention(item, kind, strength, length, own)


def _preferred(entries: tuple[tuple[OpenItem, Kind], ...]) -> list[tuple[OpenItem, Kind]]:
    """Return the entries by document number where there are any, then those of other customers; one per item."""
    documents = [entry for entry in entries if entry[1] in _DOCUMENT_KINDS]
    customers = {item.customer_id for item, _ in documents}
    rest = [entry for entry in entries if entry[1] not in _DOCUMENT_KINDS]
    if documents:
        rest = [entry for entry in rest if entry[0].customer_id not in customers]
    once: dict[str, tuple[OpenItem, Kind]] = {}
    for item, kind in [*documents, *rest]:
        once.setdefault(item.item_id, (item, kind))
    return list(once.values())


def _other_claimants(entries: list[tuple[OpenItem, Kind]]) -> str | None:
    """Return who else the number could mean. An order may well have several invoices, a number only one."""
    customers = sorted({item.customer_id for item, _ in entries})
    if len(customers) > 1:
        return " and ".join(f"customer {customer_id}" for customer_id in customers[1:])
    if len(entries) > 1 and any(kind is not Kind.ORDER for _, kind in entries):
        return f"{len(entries) - 1} more of its items"
    return None


def _doubts(writing: Writing, hit: _Hit, hits: list[_Hit], covered: set[int]) -> Iterator[str]:
    number = hit.entries[0][0].number
    if hit.broken:
        crossing = any(other is not hit and other.span.overlaps(hit.span) for other in hits)
        if crossing or not _safely_joined(hit.span):
            yield f"The digits of {number} are only found when joined over a gap."
    elif any(other is not hit and other.span.covers(hit.span) for other in hits):
        yield f"{number} may be a part of a longer number."
    if writing.looks_like_other(hit.span) and any(kind is not Kind.ORDER for _, kind in hit.entries):
        yield f"{number} reads as an amount, a day, or a number of something else."
    if writing.hangs_together(hit.span, covered):
        yield f"Other digits cling to {number}, which may be a part of a longer number."


def _safely_joined(span: Span) -> bool:
    digits = sum(character.isdigit() for character in span.compact)
    if digits < len(span.compact):
        return len(span.compact) >= _JOINED_LETTERS_MIN
    return digits >= _JOINED_DIGITS_MIN and span.last == span.first + 1


def _implied(writing: Writing, hit: _Hit, candidates: Candidates) -> tuple[set[int], list[Mention]]:
    """Return what follows from "RE-17, 18 and 19" and "RE-17 to RE-21", and the atoms that this explains."""
    item = _beginning(hit)
    if item is None:
        return set(), []
    atoms: set[int] = set()
    found: list[OpenItem] = []
    for index, number in writing.following_numbers(hit.span):
        if listed := _same_customers(item, number, candidates):
            atoms.add(index)
            found += listed
    ending = writing.range_end(hit.span)
    if ending and (ranged := _range(item, ending[1], candidates)):
        atoms |= ending[0]
        found += ranged
    length = len(hit.span.compact)
    doubt = (f"Named only by a list or range that begins with {item.number}.",)
    mentions = [Mention(one, Kind.NUMBER, Strength.LIKELY, length, doubt, implied=True) for one in found]
    return atoms, mentions


def _same_customers(item: OpenItem, number: str, candidates: Candidates) -> list[OpenItem]:
    found = {
        other.item_id: other
        for key in keys_of_number(number)
        if key.kind is Kind.NUMBER
        for other, kind in candidates.named(key.text)
        if kind is Kind.NUMBER and other.customer_id == item.customer_id and other.item_id != item.item_id
    }
    return list(found.values())


def _range(item: OpenItem, end: str, candidates: Candidates) -> list[OpenItem]:
    """Return the customer's items from the one after `item` to `end`, where both ends are open items."""
    if not _same_customers(item, end, candidates):
        return []
    numbers = _range_numbers(item.number, end)
    return [other for number in numbers for other in _same_customers(item, number, candidates)]


def _range_numbers(first: str, end: str) -> list[str]:
    """Return the numbers after `first` up to `end`; none where that is no range, or too long a one."""
    first_text, last_text = _trailing_digits(first), _trailing_digits(end)
    if not first_text or not last_text:
        return []
    low, high = int(first_text), int(last_text)
    if not low < high <= low + _RANGE_MAX:
        return []
    prefix = first[: len(first) - len(first_text)]
    return [f"{prefix}{value:0{len(first_text)}}" for value in range(low + 1, high + 1)]


def _trailing_digits(number: str) -> str:
    stripped = number.rstrip("0123456789")
    return number[len(stripped) :][:18]


def confirmed(mention: Mention) -> Mention:
    """Return an implied mention as a full one, for when the amount proves the list or range."""
    return replace(mention, strength=Strength.FULL, doubts=())
