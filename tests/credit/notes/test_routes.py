"""Notes have an author and a time, and stay as they are."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

NOTES = "/v1/customers/C-1/notes"


async def test_a_note_has_its_author_and_time_and_the_newest_is_first(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    first = await desk.ask("credit_analyst", "POST", NOTES, json={"text": "Visited.", "kind": "visit"})
    second = await desk.ask("credit_manager", "POST", NOTES, json={"text": "Agreed.", "reference": "SO-1"})
    page = await desk.ask("auditor", "GET", NOTES)

    assert page["data"] == [second, first]
    assert (first["author"], second["author"]) == ("credit_analyst", "credit_manager")
    assert first["written_at"] <= second["written_at"]


async def test_notes_are_paged_and_filtered_by_kind(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    for number in range(3):
        await desk.ask("credit_analyst", "POST", NOTES, json={"text": f"Visit {number}", "kind": "visit"})
        await desk.ask("credit_analyst", "POST", NOTES, json={"text": f"Call {number}", "kind": "call"})

    first = await desk.ask("credit_analyst", "GET", NOTES, params={"kind": "visit", "limit": 2})
    rest = await desk.ask(
        "credit_analyst", "GET", NOTES, params={"kind": "visit", "limit": 2, "cursor": first["next_cursor"]}
    )

    assert [note["text"] for note in first["data"] + rest["data"]] == ["Visit 2", "Visit 1", "Visit 0"]


async def test_the_journal_tells_who_wrote_a_note_and_who_read_it(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    note = await desk.ask("credit_analyst", "POST", NOTES, json={"text": "Visited."})
    await desk.ask("auditor", "GET", NOTES)

    journal = await desk.ask("credit_manager", "GET", "/v1/customers/C-1/credit-file/journal", params={"limit": 2})

    read, written = journal["data"]
    assert (read["kind"], read["actor"], read["subject"]) == ("read", "auditor", "notes")
    assert (written["kind"], written["actor"], written["subject"]) == ("note.written", "credit_analyst", note["id"])
    assert written["new"]["sha256"] == hashlib.sha256(b"Visited.").hexdigest()


async def test_the_same_key_writes_one_note(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    once = {"json": {"text": "Visited."}, "headers": {"Idempotency-Key": "n-1"}}

    first = await desk.ask("credit_analyst", "POST", NOTES, **once)
    again = await desk.ask("credit_analyst", "POST", NOTES, **once)

    assert again == first
    assert len((await desk.ask("credit_analyst", "GET", NOTES))["data"]) == 1


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"text": ""}, "text"),
    ({"text": "   "}, "text"),
    ({"text": "a\0b"}, "text"),
    ({"text": "a" * 10_001}, "text"),
    ({"text": "a", "kind": "Rumour!"}, "kind"),
    ({"text": "a", "author": "somebody else"}, "author"),
    ({"text": "\u202edesrever"}, "text"),
]


async def test_a_note_that_cannot_be_kept_is_refused_with_its_field(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await desk.send("credit_analyst", "POST", NOTES, json=body) for body, _ in REFUSED]

    assert {answer.status_code for answer in answers} == {422}
    assert [answer.json()["errors"][0]["field"] for answer in answers] == [field for _, field in REFUSED]


async def test_a_note_keeps_any_script(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    words = "債権者 — Überfällig, \U0001f600 עברית می\u200cخواهم"

    note = await desk.ask("credit_analyst", "POST", NOTES, json={"text": words})

    assert note["text"] == words


async def test_there_are_no_notes_on_a_customer_that_there_is_not(desk: CreditDesk) -> None:
    written = await desk.send("credit_analyst", "POST", "/v1/customers/C-9/notes", json={"text": "Visited."})
    read = await desk.send("credit_analyst", "GET", "/v1/customers/C-9/notes")

    assert (written.status_code, read.status_code) == (404, 404)
    assert written.json()["code"] == "customer_not_found"


async def test_the_database_refuses_to_change_a_note(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.ask("credit_analyst", "POST", NOTES, json={"text": "Visited."})

    for statement in ("update notes set text = 'x'", "delete from notes", "truncate notes"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with units.engine.begin() as connection:
                await connection.execute(text(statement))
