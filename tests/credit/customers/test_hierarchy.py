"""A customer has at most one parent and is never above itself."""

import asyncio

from tests.credit.desk import CUSTOMER, CreditDesk


async def put_below(desk: CreditDesk, customer_id: str, parent_id: str | None) -> tuple[int, str | None]:
    body = CUSTOMER | {"parent_id": parent_id}
    answer = await desk.send("erp", "PUT", f"/v1/customers/{customer_id}", json=body)
    return answer.status_code, answer.json().get("code")


async def chain(desk: CreditDesk, *customer_ids: str) -> None:
    """Put each customer below the one before."""
    parent = None
    for customer_id in customer_ids:
        assert (await put_below(desk, customer_id, parent))[0] == 201
        parent = customer_id


async def test_a_customer_is_not_put_below_its_own_group_at_any_depth(desk: CreditDesk) -> None:
    await chain(desk, "A", "B", "C", "D", "E")

    assert [await put_below(desk, "A", below) for below in "ABCDE"] == [(422, "hierarchy_cycle")] * 5


async def test_the_refusal_names_the_field_and_the_remedy(desk: CreditDesk) -> None:
    await chain(desk, "A", "B")

    answer = await desk.send("erp", "PUT", "/v1/customers/A", json=CUSTOMER | {"parent_id": "B"})

    assert answer.json()["errors"] == [
        {
            "field": "parent_id",
            "detail": "Customer B belongs to A already: name a parent outside of its group, or none.",
        }
    ]


async def test_a_new_customer_is_not_its_own_parent(desk: CreditDesk) -> None:
    assert await put_below(desk, "A", "A") == (422, "hierarchy_cycle")


async def test_an_unknown_parent_is_refused(desk: CreditDesk) -> None:
    assert await put_below(desk, "A", "nobody") == (422, "unknown_customer")


async def test_a_customer_may_move_within_its_group_and_out_of_it(desk: CreditDesk) -> None:
    await chain(desk, "A", "B", "C")

    assert (await put_below(desk, "C", "A"))[0] == 200
    assert (await put_below(desk, "B", "C"))[0] == 200
    assert (await put_below(desk, "C", None))[0] == 200
    assert (await put_below(desk, "A", "B"))[0] == 200


async def test_two_customers_are_not_put_below_each_other_at_the_same_time(desk: CreditDesk) -> None:
    for attempt in range(5):
        one, other = f"X{attempt}", f"Y{attempt}"
        await chain(desk, one)
        await chain(desk, other)

        answers = await asyncio.gather(put_below(desk, one, other), put_below(desk, other, one))

        assert sorted(answers, key=str) == [(200, None), (422, "hierarchy_cycle")]


async def test_a_ring_is_not_closed_by_many_at_the_same_time(desk: CreditDesk) -> None:
    ring = [f"R{number}" for number in range(6)]
    for customer_id in ring:
        await chain(desk, customer_id)

    answers = await asyncio.gather(
        *(put_below(desk, one, other) for one, other in zip(ring, ring[1:] + ring[:1], strict=True))
    )

    assert [status for status, _ in answers].count(422) == 1


async def test_a_group_is_listed_whole_from_any_of_its_members(desk: CreditDesk) -> None:
    await chain(desk, "A", "B", "C")
    await put_below(desk, "D", "A")
    await put_below(desk, "other", None)
    await desk.limit("B", "1000.00")
    await desk.check("B", "SO-1", "800.00")

    groups = [
        (await desk.ask("credit_analyst", "GET", f"/v1/customers/{one}/group"))["data"] for one in ("A", "B", "C", "D")
    ]

    assert all(group == groups[0] for group in groups)
    assert {member["customer_id"]: member["parent_id"] for member in groups[0]} == {
        "A": None,
        "B": "A",
        "C": "B",
        "D": "A",
    }
    assert [(m["credit_limit"], m["exposure"]) for m in groups[0] if m["customer_id"] == "B"] == [("1000.00", "800.00")]


async def test_a_customer_without_parent_or_children_is_a_group_of_one(desk: CreditDesk) -> None:
    await chain(desk, "A")

    page = await desk.ask("credit_analyst", "GET", "/v1/customers/A/group")

    assert [member["customer_id"] for member in page["data"]] == ["A"]


async def test_a_group_is_paged(desk: CreditDesk) -> None:
    await chain(desk, "A", "B", "C")

    first = await desk.ask("credit_analyst", "GET", "/v1/customers/C/group", params={"limit": 2})
    rest = await desk.ask(
        "credit_analyst", "GET", "/v1/customers/C/group", params={"limit": 2, "cursor": first["next_cursor"]}
    )

    assert [member["customer_id"] for member in first["data"] + rest["data"]] == ["A", "B", "C"]


async def test_there_is_no_group_of_a_customer_that_there_is_not(desk: CreditDesk) -> None:
    answer = await desk.send("credit_analyst", "GET", "/v1/customers/nobody/group")

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
