"""A journal shows every way of tampering with it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.journal.domain import EMPTY, Entry, Head, Proof, SealedEntry, Verdict, plain, seal

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def journal(*actors: str) -> list[SealedEntry]:
    """Return a journal with an entry of each actor."""
    sealed: list[SealedEntry] = []
    for position, actor in enumerate(actors, start=1):
        entry = Entry("C-1", "customer.updated", actor, new={"name": f"Nordlicht {position}"})
        at = NOON + timedelta(minutes=position)
        before = sealed[-1].seal if sealed else EMPTY.seal
        sealed.append(SealedEntry(entry, position, at, seal(entry, position=position, recorded_at=at, before=before)))
    return sealed


def head_of(entries: list[SealedEntry]) -> Head:
    return Head(entries[-1].position, entries[-1].seal) if entries else EMPTY


def verdict(entries: list[SealedEntry], head: Head, noted: Head | None = None) -> Verdict:
    proof = Proof(noted=noted)
    for one in entries:
        proof.take(one)
    return proof.verdict(head)


def found(entries: list[SealedEntry], head: Head, noted: Head | None = None) -> tuple[int | None, str | None]:
    told = verdict(entries, head, noted)
    return told.first_broken, told.fault


@given(st.lists(st.sampled_from("abc"), max_size=8))
def test_what_was_not_touched_is_intact(actors: list[str]) -> None:
    entries = journal(*actors)

    assert verdict(entries, head_of(entries)) == Verdict(len(actors), head_of(entries))


@given(st.data())
def test_the_first_entry_that_was_changed_is_named(data: st.DataObject) -> None:
    entries = journal(*"abcdef")
    place = data.draw(st.integers(0, 5))
    one = entries[place]
    changed = data.draw(
        st.sampled_from(
            [
                replace(one, entry=replace(one.entry, actor="someone else")),
                replace(one, entry=replace(one.entry, new={})),
                replace(one, entry=replace(one.entry, kind="read")),
                replace(one, entry=replace(one.entry, customer_id="C-2")),
                replace(one, recorded_at=one.recorded_at - timedelta(days=1)),
                replace(one, seal="0" * 64),
            ]
        )
    )

    told = found([*entries[:place], changed, *entries[place + 1 :]], head_of(entries))

    assert told == (place + 1, "altered")


def test_an_entry_that_was_changed_and_sealed_anew_breaks_the_one_behind_it() -> None:
    entries = journal(*"abc")
    entry = replace(entries[1].entry, actor="someone else")
    forged = seal(entry, position=2, recorded_at=entries[1].recorded_at, before=entries[0].seal)
    entries[1] = replace(entries[1], entry=entry, seal=forged)

    assert found(entries, head_of(entries)) == (3, "altered")


def test_an_entry_that_was_taken_out_is_noticed() -> None:
    entries = journal(*"abcd")

    assert found([*entries[:1], *entries[2:]], head_of(entries)) == (2, "altered")


def test_entries_missing_at_the_end_are_noticed() -> None:
    entries = journal(*"abcd")

    assert found(entries[:2], head_of(entries)) == (3, "missing")


def test_a_journal_that_was_emptied_is_noticed() -> None:
    assert found([], head_of(journal(*"ab"))) == (1, "missing")


def test_an_entry_that_was_added_around_the_head_is_noticed() -> None:
    entries = journal(*"abc")

    assert found(entries, head_of(entries[:2])) == (3, "unaccounted")


def test_a_journal_that_was_rewritten_as_a_whole_is_noticed_by_a_seal_noted_elsewhere() -> None:
    noted = head_of(journal(*"ab"))
    rewritten = journal(*"axc")

    assert found(rewritten, head_of(rewritten)) == (None, None)
    assert found(rewritten, head_of(rewritten), noted) == (2, "not_as_noted")


def test_a_journal_that_was_cut_with_its_head_is_noticed_by_a_seal_noted_elsewhere() -> None:
    entries = journal(*"abcd")
    cut = entries[:2]

    assert found(cut, head_of(cut), head_of(entries)) == (3, "missing")


def test_values_are_kept_as_text_that_reads_back_the_same() -> None:
    kept = plain({"limit": Decimal("10.50"), "on": date(2026, 3, 2), "at": NOON, "is": True, "of": ("a", None, 3)})

    assert kept == {
        "limit": "10.50",
        "on": "2026-03-02",
        "at": "2026-03-02T12:00:00+00:00",
        "is": True,
        "of": ["a", None, 3],
    }


def test_a_float_is_kept_out_because_it_does_not_read_back_the_same() -> None:
    with pytest.raises(TypeError, match="float"):
        plain({"limit": 0.1})
