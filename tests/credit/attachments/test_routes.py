"""Files are kept in the credit file to the letter, and handed out to be saved."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.files import FILE_BYTES_MAX
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

FILES = "/v1/customers/C-1/attachments"
PDF = ("balance sheet.pdf", b"%PDF-1.7\0\xff to the letter", "application/pdf")


async def test_a_file_comes_back_to_the_letter(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    added = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF}, data={"description": "Audited."})
    fetched = await desk.send("auditor", "GET", f"{FILES}/{added['id']}/content")

    assert (added["file_name"], added["media_type"], added["size_bytes"]) == (PDF[0], PDF[2], len(PDF[1]))
    assert (added["description"], added["added_by"]) == ("Audited.", "credit_analyst")
    assert added["sha256"] == hashlib.sha256(PDF[1]).hexdigest()
    assert fetched.content == PDF[1]


async def test_a_file_is_handed_out_to_be_saved_and_never_shown(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    page = ("../träge.html", b"<script>alert(1)</script>", "text/html")
    added = await desk.ask("credit_analyst", "POST", FILES, files={"file": page})

    fetched = await desk.send("credit_analyst", "GET", f"{FILES}/{added['id']}/content")

    assert fetched.headers["Content-Disposition"] == "attachment; filename*=UTF-8''tr%C3%A4ge.html"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert fetched.headers["Content-Security-Policy"].startswith("sandbox")


async def test_the_list_has_all_but_the_contents_and_the_newest_first(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    first = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF})
    second = await desk.ask("credit_analyst", "POST", FILES, files={"file": ("b.txt", b"b", "text/plain")})

    assert (await desk.ask("auditor", "GET", FILES))["data"] == [second, first]


async def test_the_journal_tells_who_added_and_who_fetched_a_file(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    added = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF})
    await desk.send("auditor", "GET", f"{FILES}/{added['id']}/content")

    journal = await desk.ask("credit_manager", "GET", "/v1/customers/C-1/credit-file/journal", params={"limit": 2})

    read, written = journal["data"]
    assert (read["kind"], read["actor"], read["subject"]) == ("read", "auditor", added["id"])
    assert (written["kind"], written["new"]["sha256"]) == ("attachment.added", added["sha256"])


async def test_the_same_key_adds_one_file_and_another_file_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    key = {"Idempotency-Key": "a-1"}

    first = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF}, headers=key)
    again = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF}, headers=key)
    other = await desk.send("credit_analyst", "POST", FILES, files={"file": ("a", b"other", "")}, headers=key)

    assert again == first
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_file_is_fetched_only_under_its_own_customer(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    added = await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF})

    answer = await desk.send("credit_analyst", "GET", f"/v1/customers/C-2/attachments/{added['id']}/content")

    assert (answer.status_code, answer.json()["code"]) == (404, "attachment_not_found")


async def test_an_empty_file_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answer = await desk.send("credit_analyst", "POST", FILES, files={"file": ("empty.pdf", b"", "application/pdf")})

    assert (answer.status_code, answer.json()["code"]) == (422, "attachment_empty")


async def test_a_file_that_is_too_large_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    for extra in (1, 1024 * 1024):
        large = ("large.bin", b"x" * (FILE_BYTES_MAX + extra), "application/octet-stream")
        assert (await desk.send("credit_analyst", "POST", FILES, files={"file": large})).status_code in {413, 422}

    assert (await desk.ask("credit_analyst", "GET", FILES))["data"] == []


async def test_a_file_of_the_largest_size_is_taken(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    largest = ("largest.bin", b"x" * FILE_BYTES_MAX, "application/octet-stream")

    added = await desk.ask("credit_analyst", "POST", FILES, files={"file": largest})

    assert added["size_bytes"] == FILE_BYTES_MAX


async def test_what_is_no_form_or_has_no_file_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    as_json = await desk.send("credit_analyst", "POST", FILES, json={"file": "x"})
    without = await desk.send("credit_analyst", "POST", FILES, data={"description": "x"}, files={"other": PDF})
    hostile = await desk.send("credit_analyst", "POST", FILES, files={"file": PDF}, data={"description": "nul \0 byte"})

    assert [answer.status_code for answer in (as_json, without, hostile)] == [422, 422, 422]


async def test_a_file_of_a_customer_that_there_is_not_is_not_kept(desk: CreditDesk) -> None:
    answer = await desk.send("credit_analyst", "POST", "/v1/customers/C-9/attachments", files={"file": PDF})

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")


async def test_the_database_refuses_to_change_a_file(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.ask("credit_analyst", "POST", FILES, files={"file": PDF})

    for table in ("attachments", "attachment_contents"):
        for change in ("update {} set attachment_id = 'x'", "delete from {}", "truncate {} cascade"):
            with pytest.raises(DBAPIError, match="append-only"):
                async with units.engine.begin() as connection:
                    await connection.execute(text(change.format(table)))
