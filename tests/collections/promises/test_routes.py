"""Promises over HTTP: what is recorded, what is refused, and in which words."""

from typing import Any

import pytest

from tests.collections.books import DAY, Books, day
from tests.collections.desk import Desk
from tests.collections.owners import FakeOwners

BODY = {"customer_id": "C-1", "promised_on": "2027-03-12", "amount": "400.00", "currency": "EUR"}

CUSTOMER = {"customer_id": "C-9", "name": "Neu", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
ITEM = {
    "id": "itm_late",
    "number": "RE-9",
    "company_code": "1000",
    "kind": "invoice",
    "customer_id": "C-9",
    "issue_date": "2026-03-02",
    "due_date": "2026-04-01",
    "amount": "400.00",
    "balance": "400.00",
    "currency": "EUR",
    "status": "open",
    "version": 1,
}


async def refused(desk: Desk, **changes: Any) -> tuple[int, str, str]:
    answer = await desk.ask("POST", "/v1/promises", json=BODY | changes)
    problem = answer.json()
    return answer.status_code, problem["code"], problem["errors"][0]["field"]


async def test_a_promise_is_recorded_open_with_its_etag(desk: Desk) -> None:
    await desk.know_customers("C-1")

    answer = await desk.ask("POST", "/v1/promises", json=BODY | {"contact": "Frau Sommer"})

    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    shown = answer.json()
    assert shown["id"].startswith("prm_")
    assert (shown["status"], shown["kept_amount"], shown["amount"]) == ("open", "0.00", "400.00")
    assert (shown["contact"], shown["recorded_by"], shown["items"]) == ("Frau Sommer", "collector", [])


async def test_the_same_request_with_the_same_key_records_one_promise(desk: Desk) -> None:
    await desk.know_customers("C-1")
    key = {"Idempotency-Key": "p-1"}

    first = await desk.ask("POST", "/v1/promises", json=BODY, headers=key)
    second = await desk.ask("POST", "/v1/promises", json=BODY, headers=key)

    assert first.json() == second.json()
    assert len((await desk.get("/v1/promises"))["data"]) == 1


async def test_promises_are_found_by_customer_and_status_the_latest_first(desk: Desk) -> None:
    await desk.know_customers("C-1", "C-2")
    made = [await desk.promise("C-1", "10.00", by=day(n), made_on=DAY.isoformat()) for n in (5, 9, 7)]
    await desk.promise("C-2", "10.00", by=day(8), made_on=DAY.isoformat())
    await desk.ask("POST", f"/v1/promises/{made[1]['id']}/withdraw")

    first = await desk.get("/v1/promises", customer_id="C-1", limit=2)
    rest = await desk.get("/v1/promises", customer_id="C-1", limit=2, cursor=first["next_cursor"])
    still_open = await desk.get("/v1/promises", customer_id="C-1", status="open")

    assert [one["promised_on"] for one in first["data"] + rest["data"]] == ["2026-03-11", "2026-03-09", "2026-03-07"]
    assert [one["id"] for one in still_open["data"]] == [made[2]["id"], made[0]["id"]]


async def test_a_fact_whose_event_has_not_come_is_asked_of_its_owner(desk: Desk, owners: FakeOwners) -> None:
    owners.resources = {"/v1/customers/C-9": CUSTOMER, "/v1/items/itm_late": ITEM}

    promise = await desk.promise("C-9", "400.00", by=day(10), made_on="2026-03-03", items=["itm_late"])
    await desk.promise("C-9", "1.00", by=day(10), made_on="2026-03-03", items=["itm_late"])

    assert promise["items"] == ["itm_late"]
    assert owners.asked == ["/v1/customers/C-9", "/v1/items/itm_late"]


async def test_the_event_overrides_what_was_asked_for(desk: Desk, owners: FakeOwners, books: Books) -> None:
    item = books.invoice("C-9", "400.00", due=day(3))
    owners.resources = {"/v1/customers/C-9": CUSTOMER, f"/v1/items/{item}": ITEM | {"id": item}}
    await desk.promise("C-9", "400.00", by=day(10), made_on="2026-03-03", items=[item])

    await desk.hear(*books.events)

    (line,) = (await desk.get("/v1/worklist", as_of=str(day(5))))["data"]
    assert (line["oldest_due_date"], line["past_due"]) == (str(day(3)), "400.00")


async def test_a_customer_that_exists_nowhere_is_named(desk: Desk) -> None:
    assert await refused(desk) == (422, "unknown_customer", "customer_id")


async def test_an_item_that_exists_nowhere_is_named(desk: Desk) -> None:
    await desk.know_customers("C-1")

    assert await refused(desk, items=["itm_0"]) == (422, "unknown_item", "items.0")


async def test_an_owner_that_is_down_is_no_reason_to_refuse_for_ever(desk: Desk, owners: FakeOwners) -> None:
    owners.down = True

    answer = await desk.ask("POST", "/v1/promises", json=BODY)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_an_item_of_another_customer_is_refused(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", "C-2")
    own, foreign = books.invoice("C-1", "400.00"), books.invoice("C-2", "400.00")
    await desk.hear(*books.events)

    assert await refused(desk, items=[own, foreign]) == (422, "item_of_another_customer", "items.1")


async def test_an_item_in_another_currency_is_refused(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "400.00", currency="USD")
    await desk.hear(*books.events)

    assert await refused(desk, items=[item]) == (422, "item_in_another_currency", "items.0")


async def test_a_promise_for_a_day_before_it_was_made_is_refused(desk: Desk) -> None:
    await desk.know_customers("C-1")

    assert await refused(desk, made_on="2027-03-13") == (422, "promised_before_made", "promised_on")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-5.00"}, "amount"),
        ({"amount": 400}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "400.001"}, "amount"),
        ({"amount": "9" * 20}, "amount"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "XXY"}, "currency"),
        ({"promised_on": "2027-02-30"}, "promised_on"),
        ({"promised_on": "12.03.2027"}, "promised_on"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "C\0"}, "customer_id"),
        ({"items": "itm_1"}, "items"),
        ({"promissed_on": "2027-03-12"}, "promissed_on"),
    ],
)
async def test_a_wrong_field_is_named(desk: Desk, changes: dict[str, Any], field: str) -> None:
    status, code, named = await refused(desk, **changes)

    assert (status, code, named) == (422, "invalid_request", field)


@pytest.mark.parametrize("item", ["../customers/C-1", "itm_1?x=1", "%2e%2e", "a/b"])
async def test_an_id_is_never_read_as_an_address(desk: Desk, owners: FakeOwners, item: str) -> None:
    await desk.know_customers("C-1")

    assert await refused(desk, items=[item]) == (422, "unknown_item", "items.0")
    assert owners.asked == [f"/v1/items/{item}"]


async def test_only_an_open_promise_can_be_withdrawn(desk: Desk) -> None:
    await desk.know_customers("C-1")
    promise = await desk.promise("C-1", "400.00", by=day(10))

    first = await desk.ask("POST", f"/v1/promises/{promise['id']}/withdraw")
    second = await desk.ask("POST", f"/v1/promises/{promise['id']}/withdraw")

    assert (first.status_code, first.json()["status"]) == (200, "withdrawn")
    assert (second.status_code, second.json()["code"]) == (409, "promise_not_open")
    assert await desk.told() == [("promise.made", 1), ("promise.withdrawn", 2)]


async def test_a_stale_version_is_not_withdrawn(desk: Desk) -> None:
    await desk.know_customers("C-1")
    promise = await desk.promise("C-1", "400.00", by=day(10))

    answer = await desk.ask("POST", f"/v1/promises/{promise['id']}/withdraw", headers={"If-Match": '"7"'})

    assert answer.status_code == 412
    assert (await desk.status(promise))[0] == "open"


async def test_an_unknown_promise_is_not_found(desk: Desk) -> None:
    assert (await desk.ask("GET", "/v1/promises/prm_0")).json()["code"] == "promise_not_found"
    assert (await desk.ask("POST", "/v1/promises/prm_0/withdraw")).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/promises"), ("POST", "/v1/promises/prm_0/withdraw")])
async def test_an_auditor_reads_and_does_not_write(desk: Desk, method: str, path: str) -> None:
    assert (await desk.ask(method, path, role="auditor", json=BODY)).status_code == 403
    assert (await desk.ask("GET", "/v1/promises", role="auditor")).status_code == 200
