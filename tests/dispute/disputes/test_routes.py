import pytest

from tests.dispute.desk import Desk, amounts
from tests.dispute.ledger import Ledger


async def test_a_case_is_opened_on_an_item(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))

    answer = await desk.open(("itm_1", "50.00"), reason_code="Price")

    case = answer.json()
    assert answer.status_code == 201
    assert (case["number"], case["status"], case["reason_code"]) == ("DSP-000001", "new", "price")
    assert (case["disputed_amount"], case["currency"], case["due_on"]) == ("50.00", "EUR", "2026-03-12")
    assert amounts(case) == {
        "original": "50.00",
        "disputed": "50.00",
        "credited": "0.00",
        "paid": "0.00",
        "denied": "0.00",
    }
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/disputes/{case['id']}"
    assert await desk.told() == [("dispute.opened", 1, "new")]


async def test_an_amount_left_out_claims_all_that_nobody_disputes(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    await desk.opened(("itm_1", "300.00"))

    assert (await desk.open(("itm_1", None))).json()["disputed_amount"] == "700.00"


async def test_a_case_cannot_dispute_more_than_is_open_and_undisputed(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "100.00"))
    await desk.opened(("itm_1", "850.00"))

    answer = await desk.open(("itm_1", "50.01"))

    assert (answer.status_code, answer.json()["code"]) == (409, "disputes_too_much")
    assert answer.json()["errors"] == [
        {"field": "items.0.disputed_amount", "detail": "Of item ITM_1 only 50.00 EUR can still be disputed."}
    ]


@pytest.mark.parametrize("balance", ["100.00", "-100.00"], ids=["disputed already", "credit memo"])
async def test_where_nothing_is_left_to_dispute_no_case_is_opened(desk: Desk, ledger: Ledger, balance: str) -> None:
    await desk.hear(ledger.post("itm_1", balance))
    if balance == "100.00":
        await desk.opened(("itm_1", "100.00"))

    assert (await desk.open(("itm_1", None))).json()["code"] == "disputes_too_much"


async def test_a_case_on_several_items_adds_up(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "10.00"), ledger.post("itm_2", "20.00"))

    case = (await desk.open(("itm_2", "15.00"), ("itm_1", None))).json()

    assert case["disputed_amount"] == "25.00"
    assert [item["item_id"] for item in case["items"]] == ["itm_2", "itm_1"]


async def test_items_of_another_customer_or_currency_do_not_belong_into_the_case(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(
        ledger.post("itm_1", "10.00"),
        ledger.post("itm_2", "20.00", customer="C-2"),
        ledger.post("itm_3", "20", currency="JPY"),
    )

    foreign = await desk.open(("itm_1", None), ("itm_2", None))
    mixed = await desk.open(("itm_1", None), ("itm_3", None))

    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (422, "items.1.item_id")
    assert (mixed.status_code, mixed.json()["errors"][0]["field"]) == (422, "items.1.item_id")


async def test_an_item_whose_event_has_not_arrived_is_asked_for_once(desk: Desk, ledger: Ledger) -> None:
    posted = ledger.post("itm_1", "1000.00")
    await desk.opened(("itm_1", "50.00"))

    assert (await desk.open(("itm_1", "960.00"))).status_code == 409
    assert ledger.asked == 1
    await desk.hear(posted)
    assert len(await desk.told()) == 1


async def test_an_unknown_item_is_named(desk: Desk) -> None:
    answer = await desk.open(("itm_9", "1.00"))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_item")
    assert answer.json()["errors"][0]["field"] == "items.0.item_id"


async def test_an_unknown_item_is_not_judged_while_its_owner_is_down(desk: Desk, ledger: Ledger) -> None:
    ledger.down = True

    assert (await desk.open(("itm_1", "1.00"))).status_code == 503


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("items", {"items": []}),
        ("items", {"items": [{"item_id": "itm_1"}, {"item_id": "itm_1"}]}),
        ("items.0.disputed_amount", {"items": [{"item_id": "itm_1", "disputed_amount": "0.00"}]}),
        ("items.0.disputed_amount", {"items": [{"item_id": "itm_1", "disputed_amount": "-1.00"}]}),
        ("items.0.disputed_amount", {"items": [{"item_id": "itm_1", "disputed_amount": 1.5}]}),
        ("items.0.disputed_amount", {"items": [{"item_id": "itm_1", "disputed_amount": "1.001"}]}),
        ("items.0.disputed_amount", {"items": [{"item_id": "itm_1", "disputed_amount": "1e3"}]}),
        ("items.0.item_id", {"items": [{"item_id": "itm_1"}], "currency": "USD"}),
        ("items.0.item_id", {"items": [{"item_id": "itm_1"}], "customer_id": "C-2"}),
        ("items.0.item_id", {"items": [{"item_id": ""}]}),
        ("reason_code", {"reason_code": "two words"}),
        ("reason_code", {"reason_code": "9lives"}),
        ("reason_code", {"reason_code": "x" * 41}),
        ("source", {"source": "dream"}),
        ("opened_on", {"opened_on": "2026-02-30"}),
        ("opened_on", {"opened_on": "9999-12-31"}),
        ("priority", {"priority": "urgent"}),
        ("description", {"description": "x\0y"}),
        ("colour", {"colour": "red"}),
        ("customer_id", {"customer_id": None}),
    ],
)
async def test_bad_input_is_refused_and_named(
    desk: Desk, ledger: Ledger, field: str, changes: dict[str, object]
) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))

    answer = await desk.open(("itm_1", "1.00"), **changes)

    assert answer.status_code == 422, answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert await desk.told() == []


async def test_a_case_nobody_opened_is_not_found(desk: Desk) -> None:
    for deed, body in (("assign", {}), ("notes", {"text": "x"}), ("void", {"reason": "x"})):
        assert (await desk.do("dsp_9", deed, **body)).status_code == 404


async def test_the_history_says_who_did_what(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "assign", processor="lena", role="collector")
    await desk.do(dispute_id, "notes", text="called them", role="ar_specialist")
    await desk.do(dispute_id, "wait", waiting_for="customer")
    await desk.do(dispute_id, "resume")
    await desk.do(dispute_id, "escalate", reason="too much for me", to="head.of.sales")

    case = await desk.case(dispute_id)

    assert [(line["by"], line["action"], line["to_status"], line["detail"]) for line in case["history"]] == [
        ("dispute_coordinator", "open", "new", "too dear"),
        ("collector", "assign", "in_process", "processor lena"),
        ("ar_specialist", "note", "in_process", "called them"),
        ("dispute_coordinator", "wait", "waiting_customer", None),
        ("dispute_coordinator", "resume", "in_process", None),
        ("dispute_coordinator", "escalate", "escalated", "too much for me"),
    ]
    assert (case["processor"], case["person_responsible"]) == ("lena", "head.of.sales")


async def test_who_names_nobody_works_on_the_case_himself(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"), coordinator="ines")

    case = (await desk.do(dispute_id, "assign", role="collector")).json()

    assert (case["coordinator"], case["processor"]) == ("ines", "collector")


async def test_each_change_is_one_event_and_one_version(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "assign", coordinator="ines")
    await desk.do(dispute_id, "wait", waiting_for="internal")
    await desk.do(dispute_id, "notes", text="a note changes nothing of the case")
    await desk.do(dispute_id, "escalate", reason="late")

    assert await desk.told() == [
        ("dispute.opened", 1, "new"),
        ("dispute.assigned", 2, "in_process"),
        ("dispute.updated", 3, "waiting_internal"),
        ("dispute.escalated", 4, "escalated"),
    ]


async def test_what_the_status_does_not_allow_is_refused_with_what_it_allows(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "void", reason="opened twice")

    answer = await desk.do(dispute_id, "assign", processor="lena")

    assert (answer.status_code, answer.json()["code"]) == (409, "dispute_status")
    assert answer.json()["detail"] == "DSP-000001 is void, which does not allow assign; what it allows: note."


async def test_a_void_case_frees_what_it_disputed(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"))
    dispute_id = await desk.opened(("itm_1", "100.00"))
    void = await desk.do(dispute_id, "void", reason="opened twice")

    assert (void.json()["status"], amounts(void.json())["denied"]) == ("void", "100.00")
    assert (await desk.open(("itm_1", "100.00"))).status_code == 201


async def test_a_stale_if_match_is_refused(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "assign", processor="lena")

    answer = await desk.post(f"/disputes/{dispute_id}/escalate", {"reason": "late"}, **{"If-Match": '"1"'})

    assert answer.status_code == 412


async def test_the_same_key_opens_one_case(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    body = {"customer_id": "C-1", "items": [{"item_id": "itm_1"}], "reason_code": "tax"}

    first, second = [await desk.post("/disputes", body, **{"Idempotency-Key": "k1"}) for _ in range(2)]

    assert second.json() == first.json()
    assert len(await desk.cases()) == 1


@pytest.mark.parametrize(
    ("role", "deed", "body"),
    [
        ("auditor", "assign", {"processor": "x"}),
        ("erp", "notes", {"text": "x"}),
        ("collector", "resolve", {"outcome": "valid", "resolution": "credit_memo"}),
        ("ar_specialist", "close", {}),
        ("collector", "reopen", {"reason": "x"}),
        ("controller", "void", {"reason": "x"}),
    ],
)
async def test_a_role_without_the_scope_is_refused(
    desk: Desk, ledger: Ledger, role: str, deed: str, body: dict[str, object]
) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))

    answer = await desk.do(dispute_id, deed, role=role, **body)

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


async def test_cases_are_found_by_what_their_users_ask_for(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.post("itm_2", "10.00", customer="C-2"))
    first = await desk.opened(("itm_1", "50.00"), coordinator="ines")
    second = await desk.opened(("itm_2", "5.00"), customer_id="C-2", reason_code="tax")
    await desk.do(second, "assign", processor="lena")

    async def found(**filters: str) -> list[str]:
        return [case["id"] for case in await desk.cases(**filters)]

    assert await found() == [second, first]
    assert await found(customer_id="C-1") == [first]
    assert await found(status="in_process") == [second]
    assert await found(reason_code="TAX") == [second]
    assert await found(coordinator="ines") == [first]
    assert await found(processor="lena") == [second]
    assert await found(item_id="itm_2") == [second]
    assert await found(limit="1") == [second]


async def test_a_list_goes_on_behind_its_cursor(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    opened = [await desk.opened(("itm_1", "1.00")) for _ in range(3)]

    seen, cursor = [], None
    while True:
        filters = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = await desk.service.get("/v1/disputes", params=filters, headers=desk.headers)
        seen += [case["id"] for case in answer.json()["data"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break

    assert seen == opened[::-1]


async def test_every_operation_has_its_text_and_every_field_can_be_sent_as_its_example_says(desk: Desk) -> None:
    document = (await desk.service.get("/openapi.json")).json()
    operations = [
        operation
        for path, methods in document["paths"].items()
        if path.startswith("/v1/disputes")
        for operation in methods.values()
    ]

    assert len(operations) == 13
    assert all(operation["description"] for operation in operations)
