"""The call log over HTTP."""

from typing import Any

from tests.collections.books import Books, day
from tests.collections.desk import Desk

CALL = {"customer_id": "C-1", "kind": "call_out", "outcome": "promise", "note": "Pays on Friday."}


async def log(desk: Desk, **changes: Any) -> Any:
    return await desk.ask("POST", "/v1/activities", json=CALL | changes)


async def test_a_call_is_logged_with_who_and_when(desk: Desk) -> None:
    await desk.know_customers("C-1")

    answer = await log(desk, next_action_on="2027-01-08", occurred_on="2027-01-04", contact="Herr Wolf")

    assert answer.status_code == 201
    call = answer.json()
    assert call["id"].startswith("act_")
    assert (call["collector"], call["contact"], call["outcome"]) == ("collector", "Herr Wolf", "promise")
    assert (call["occurred_on"], call["next_action_on"], call["item_ids"]) == ("2027-01-04", "2027-01-08", [])


async def test_the_call_log_shows_the_latest_first_by_customer_kind_and_collector(desk: Desk) -> None:
    await desk.know_customers("C-1", "C-2")
    for offset, changes in enumerate(({}, {"kind": "email"}, {"customer_id": "C-2"}, {"kind": "email"})):
        await log(desk, occurred_on=str(day(offset)), **changes)

    async def days(**params: Any) -> list[str]:
        return [call["occurred_on"] for call in (await desk.get("/v1/activities", **params))["data"]]

    assert await days() == [str(day(offset)) for offset in (3, 2, 1, 0)]
    assert await days(customer_id="C-1") == [str(day(offset)) for offset in (3, 1, 0)]
    assert await days(customer_id="C-1", kind="email") == [str(day(3)), str(day(1))]
    assert await days(collector="somebody") == []


async def test_items_of_the_call_are_the_customers_own(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    own, foreign = books.invoice("C-1", "1.00"), books.invoice("C-2", "1.00")
    await desk.hear(*books.events)

    accepted, refused = await log(desk, item_ids=[own, own]), await log(desk, item_ids=[foreign])

    assert (accepted.status_code, accepted.json()["item_ids"]) == (201, [own])
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "item_ids.0")


async def test_what_makes_no_sense_is_refused_by_field(desk: Desk) -> None:
    await desk.know_customers("C-1")
    for changes, field in (
        ({"customer_id": "C-0"}, "customer_id"),
        ({"kind": "smoke_signal"}, "kind"),
        ({"occurred_on": "2026-13-01"}, "occurred_on"),
        ({"next_action_on": "9999-12-31"}, "next_action_on"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "a\0b"}, "note"),
        ({"mood": "good"}, "mood"),
        ({"occurred_on": "2026-03-02", "next_action_on": "2026-03-01"}, "body"),
    ):
        answer = await log(desk, **changes)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), changes


async def test_an_auditor_reads_the_log_and_does_not_write_it(desk: Desk) -> None:
    assert (await desk.ask("GET", "/v1/activities", role="auditor")).status_code == 200
    assert (await desk.ask("POST", "/v1/activities", role="auditor", json=CALL)).status_code == 403
