"""The worklist over HTTP: who is on it, with which figures, page by page."""

from decimal import Decimal
from typing import Any

from collections_service.receivables.handlers import on_disputes_changed
from shared.events.credit import CreditLimitChanged, OrderHeld, OrderReleased, OrderState
from shared.events.dispute import DisputeClosed, DisputedItem, DisputeOpened, DisputeState, DisputeUpdated
from shared.http.pagination import encode_cursor, list_id
from tests.collections.books import DAY, Books, day
from tests.collections.desk import Desk, both

AS_OF = str(day(40))


def dispute(item_id: str, amount: str, *, number: int = 1, status: Any = "new") -> DisputeState:
    return DisputeState(
        dispute_id=f"dsp_{number}",
        number=f"DSP-{number}",
        customer_id="C-1",
        status=status,
        reason_code="damage",
        source="call",
        currency="EUR",
        disputed_amount=Decimal(amount),
        items=[
            DisputedItem(
                item_id=item_id,
                number="RE-1",
                original_amount=Decimal(amount),
                disputed_amount=Decimal(amount),
                credited_amount=Decimal(0),
                paid_amount=Decimal(0),
            )
        ],
        opened_on=day(3),
        due_on=day(20),
    )


def order(status: Any) -> OrderState:
    return OrderState(
        order_id="SO-1",
        customer_id="C-1",
        status=status,
        amount=Decimal("70.00"),
        currency="EUR",
        open_amount=Decimal("70.00"),
    )


async def only(desk: Desk, **params: Any) -> Any:
    (entry,) = (await desk.get("/v1/worklist", **({"as_of": AS_OF} | params)))["data"]
    return entry


async def test_a_late_customer_is_on_the_worklist_and_it_says_why(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", collector="anna", name="Nordlicht")
    books.invoice("C-1", "1500.00", due=day(10))
    await desk.hear(*books.events)

    entry = await only(desk)

    assert (entry["customer_id"], entry["name"], entry["collector"]) == ("C-1", "Nordlicht", "anna")
    assert (entry["past_due"], entry["collectible"], entry["oldest_due_date"]) == ("1500.00", "1500.00", str(day(10)))
    assert entry["priority"] == sum(reason["points"] for reason in entry["reasons"])
    assert {"rule": "days_past_due", "points": 10, "detail": "Oldest item 30 days past due"} in entry["reasons"]
    assert {"rule": "no_contact", "points": 10, "detail": "Never contacted"} in entry["reasons"]


async def test_the_collectible_amount_leaves_out_promised_disputed_and_unapplied_money(
    desk: Desk, books: Books
) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "1000.00", due=day(10))
    books.invoice("C-1", "200.00", due=day(40))
    books.invoice("C-1", "5000.00", due=day(41))
    books.receive("C-1", "30.00", on=day(1))
    await desk.hear(*books.events, DisputeOpened(version=1, dispute=dispute(item, "250.00")))
    await desk.promise("C-1", "100.00", by=day(45), made_on=str(day(38)))

    entry = await only(desk)

    assert (entry["past_due"], entry["open_promises"], entry["disputed"], entry["unapplied"]) == (
        "1000.00",
        "100.00",
        "250.00",
        "30.00",
    )
    assert entry["collectible"] == "820.00"
    assert (entry["disputes"], entry["holds"]) == (1, 0)


async def test_the_collectible_amount_is_never_below_zero(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events)
    await desk.promise("C-1", "900.00", by=day(45), made_on=str(day(38)))

    assert (await only(desk))["collectible"] == "0.00"


async def test_money_that_keeps_a_promise_is_not_taken_off_twice(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "1000.00", due=day(10))
    books.receive("C-1", "300.00", on=day(39))
    await desk.hear(*books.events)
    await desk.promise("C-1", "400.00", by=day(45), made_on=str(day(38)))

    entry = await only(desk)

    assert (entry["open_promises"], entry["unapplied"], entry["collectible"]) == ("100.00", "300.00", "600.00")


async def test_a_promise_whose_day_has_passed_protects_no_more_and_counts_as_broken(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events)
    await desk.promise("C-1", "100.00", by=day(38), made_on=str(day(20)))

    on_its_last_day, after = await only(desk, as_of=str(day(40))), await only(desk, as_of=str(day(41)))
    await desk.run_day(day(41))

    assert (on_its_last_day["collectible"], on_its_last_day["broken_promises"]) == ("0.00", 0)
    assert "promise_due" in [reason["rule"] for reason in on_its_last_day["reasons"]]
    assert (after["collectible"], after["broken_promises"]) == ("100.00", 1)
    assert await only(desk, as_of=str(day(41))) == after


async def test_a_dispute_takes_off_no_more_than_is_open_and_nothing_when_it_is_closed(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events)
    opened = DisputeOpened(version=1, dispute=dispute(item, "100.00"))
    second = DisputeOpened(version=1, dispute=dispute(item, "60.00", number=2))
    await desk.hear(opened, second)
    both_open = await only(desk)

    closed = [
        DisputeClosed(version=2, dispute=dispute(item, "0.00", status="closed")),
        DisputeClosed(version=2, dispute=dispute(item, "0.00", number=2, status="void")),
    ]
    await desk.hear(*closed, opened, second)

    assert (both_open["disputed"], both_open["collectible"], both_open["disputes"]) == ("100.00", "0.00", 2)
    after = await only(desk)
    assert (after["disputed"], after["collectible"], after["disputes"]) == ("0.00", "100.00", 0)


async def test_a_case_heard_late_does_not_bring_its_old_amounts_back(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "100.00", due=day(10))
    lowered = DisputeUpdated(version=2, dispute=dispute(item, "40.00"))

    await desk.hear(*books.events, lowered, DisputeOpened(version=1, dispute=dispute(item, "100.00")))

    assert (await only(desk))["disputed"] == "40.00"


async def test_of_cases_heard_together_each_counts_with_its_newest_state(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events, DisputeOpened(version=1, dispute=dispute(item, "30.00", number=3)))

    async with desk.units.begin() as uow:
        await on_disputes_changed(
            uow,
            [
                DisputeUpdated(version=2, dispute=dispute(item, "40.00")),
                DisputeOpened(version=1, dispute=dispute(item, "5.00", number=2)),
                DisputeOpened(version=1, dispute=dispute(item, "100.00")),
                DisputeClosed(version=2, dispute=dispute(item, "0.00", number=3, status="closed")),
            ],
        )

    known = await only(desk)
    assert (known["disputed"], known["disputes"]) == ("45.00", 2)


async def test_a_held_order_and_the_risk_class_speak_for_a_call(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    rated = CreditLimitChanged(
        version=2,
        customer_id="C-1",
        limit_state="zero",
        credit_limit=Decimal(0),
        currency="EUR",
        risk_class="E",
        blocked=True,
    )
    await desk.hear(
        OrderHeld(version=1, order=order("held")), rated, rated.model_copy(update={"version": 1, "risk_class": "A"})
    )

    entry = await only(desk)
    await desk.hear(
        *both([OrderReleased(version=2, order=order("released"))]), OrderHeld(version=1, order=order("held"))
    )

    assert [reason["rule"] for reason in entry["reasons"]] == ["orders_on_hold", "risk_class"]
    assert (entry["holds"], entry["risk_class"]) == (1, "E")
    assert (await desk.get("/v1/worklist", as_of=AS_OF))["data"] == []


async def test_a_call_is_the_last_contact_and_its_plan_the_next_action(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events)
    call = {"customer_id": "C-1", "kind": "call_out", "occurred_on": str(day(30)), "next_action_on": str(day(36))}
    await desk.ask("POST", "/v1/activities", json=call)
    await desk.ask("POST", "/v1/activities", json={"customer_id": "C-1", "kind": "note", "occurred_on": str(day(39))})
    await desk.ask("POST", "/v1/activities", json=call | {"occurred_on": str(day(41)), "next_action_on": None})

    entry = await only(desk)

    assert (entry["last_contact"], entry["next_action"]) == (str(day(30)), str(day(36)))
    assert "follow_up_due" in [reason["rule"] for reason in entry["reasons"]]


async def test_a_collector_sees_its_own_customers(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", collector="anna")
    await desk.know_customers("C-2", collector="ben")
    books.invoice("C-1", "100.00", due=day(10))
    books.invoice("C-2", "100.00", due=day(10))
    await desk.hear(*books.events)

    assert (await only(desk, collector="ben"))["customer_id"] == "C-2"
    assert len((await desk.get("/v1/worklist", as_of=AS_OF))["data"]) == 2


async def test_a_customer_that_owes_in_two_currencies_has_two_entries(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "100.00", due=day(10))
    books.invoice("C-1", "5000", due=day(10), currency="JPY")
    await desk.hear(*books.events)

    entries = (await desk.get("/v1/worklist", as_of=AS_OF))["data"]

    assert {(entry["currency"], entry["past_due"]) for entry in entries} == {("EUR", "100.00"), ("JPY", "5000")}


async def test_a_customer_who_owes_nothing_due_is_left_alone(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", "C-2")
    books.invoice("C-1", "100.00", due=day(41))
    paid = books.invoice("C-2", "100.00", due=day(10))
    books.apply(books.receive("C-2", "100.00", on=day(12)), paid, "100.00")
    await desk.hear(*books.events)

    assert (await desk.get("/v1/worklist", as_of=AS_OF))["data"] == []
    assert (await only(desk, as_of=str(day(11))))["customer_id"] == "C-2"


async def test_pages_follow_each_other_without_gap_or_overlap(desk: Desk, books: Books) -> None:
    for number in range(7):
        books.invoice(f"C-{number}", f"{100 + number % 3}.00", due=day(10))
    await desk.hear(*books.events)

    seen, cursor = [], None
    while True:
        page = await desk.get("/v1/worklist", as_of=AS_OF, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [entry["customer_id"] for entry in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ["C-2", "C-5", "C-1", "C-4", "C-0", "C-3", "C-6"]


async def test_a_cursor_of_another_list_is_refused(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "100.00", due=day(10))
    await desk.hear(*books.events)
    for _ in range(2):
        await desk.promise("C-1", "1.00", by=day(5), made_on=str(DAY))
    foreign = (await desk.get("/v1/promises", limit=1))["next_cursor"]

    mine = list_id("/v1/worklist", ())
    not_a_number = encode_cursor((mine, -5, Decimal("NaN"), "C-1", "EUR"))
    for cursor in (foreign, "x", "W10", encode_cursor((mine, "-5", "1", "C-1", "EUR")), not_a_number):
        answer = await desk.ask("GET", "/v1/worklist", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_a_collectors_own_strategy_ranks_its_customers(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", collector="anna")
    await desk.know_customers("C-2", collector="ben")
    books.invoice("C-1", "100.00", due=day(10))
    books.invoice("C-2", "100.00", due=day(10))
    await desk.hear(*books.events)
    own = {"name": "Anna", "portfolio": "anna", "rules": [{"rule": "past_due_amount", "amount": "50", "points": 999}]}

    await desk.ask("PUT", "/v1/collection-strategies/anna", role="credit_manager", json=own)

    entries = (await desk.get("/v1/worklist", as_of=AS_OF))["data"]
    assert (entries[0]["customer_id"], entries[0]["priority"]) == ("C-1", 999)
    assert entries[1]["priority"] < 999
