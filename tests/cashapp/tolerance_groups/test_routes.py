"""Tolerance groups over HTTP, and what they change in an application."""

from typing import Any

import pytest

from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer


def body(**fields: Any) -> dict[str, Any]:
    usual = {
        "kind": "user",
        "members": [],
        "item_pct": "1",
        "receipt_pct": "1",
        "amounts": [{"currency": "EUR", "item_amount": "5.00", "receipt_amount": "20.00"}],
    }
    return usual | fields


async def put(books: Cashapp, group_id: str, role: str = "controller", version: str = "*", **fields: Any) -> Any:
    headers = bearer(role) | {"If-Match": version}
    return await books.client.put(f"/v1/tolerance-groups/{group_id}", json=body(**fields), headers=headers)


async def written_off(books: Cashapp, number: str, amount: str, *, role: str, customer_id: str) -> int:
    """Try to write `amount` off an item of 1000.00 and return the status."""
    item = await books.invoice(number, "1000.00", customer_id=customer_id)
    receipt = await books.receipt("1000.00", customer_id=customer_id)
    paid = f"{1000 - float(amount):.2f}"
    allocations = {"allocations": [takes(item, paid, tolerance_write_off=amount)]}
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications", allocations, role=role)
    assert answer.status_code in (201, 422), answer.text
    return answer.status_code


async def test_a_users_group_counts_for_whoever_has_the_role(books: Cashapp) -> None:
    amounts = [{"currency": "EUR", "item_amount": "9.00", "receipt_amount": "9.00"}]
    await put(books, "CONTROLLERS", members=["controller"], amounts=amounts)

    assert await written_off(books, "TG-1", "9.00", role="controller", customer_id="C-1") == 201
    assert await written_off(books, "TG-2", "9.01", role="controller", customer_id="C-1") == 422
    assert await written_off(books, "TG-3", "9.00", role="ar_specialist", customer_id="C-1") == 422
    assert await written_off(books, "TG-4", "5.00", role="ar_specialist", customer_id="C-1") == 201


async def test_a_customers_group_narrows_what_any_user_may(books: Cashapp) -> None:
    amounts = [{"currency": "EUR", "item_amount": "2.00", "receipt_amount": "2.00"}]
    await put(books, "STRICT", kind="customer", members=["C-2"], amounts=amounts)

    assert await written_off(books, "TG-5", "2.01", role="ar_specialist", customer_id="C-2") == 422
    assert await written_off(books, "TG-6", "2.00", role="ar_specialist", customer_id="C-2") == 201


async def test_a_member_of_another_group_is_named_whatever_its_place(books: Cashapp) -> None:
    await put(books, "NAMED-1", members=["auditor"])

    answer = await put(books, "NAMED-2", members=["erp", "erp", "auditor"])

    assert (answer.status_code, answer.json()["code"]) == (409, "member_of_another_group")
    (error,) = answer.json()["errors"]
    assert (error["field"], error["detail"].split()[0]) == ("members", "auditor")


async def test_a_role_that_there_is_not_is_a_fault_of_the_members(books: Cashapp) -> None:
    answer = await put(books, "WIZARDS", members=["erp", "wizard"])

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["members"])


async def test_a_customers_group_grants_its_discount_some_days_more(books: Cashapp) -> None:
    await put(books, "PATIENT", kind="customer", members=["C-3"], discount_grace_days=2)
    item = await books.invoice("TG-7", "1000.00", customer_id="C-3", payment_terms="2/20 net 30")
    receipt = await books.receipt("980.00", customer_id="C-3", value_date="2026-03-23")

    answer = await books.apply(receipt, takes(item, "980.00", discount="20.00"))

    assert answer.status_code == 201, answer.text


async def test_a_group_is_put_once_and_changed_by_version(books: Cashapp) -> None:
    made = await put(books, "CLERKS", name="Clerks", members=["collector"])
    same = await put(books, "CLERKS", version='"1"', name="Clerks", members=["collector"])
    changed = await put(books, "CLERKS", version='"1"', name="Clerks", members=[], item_pct="0.5")
    stale = await put(books, "CLERKS", version='"1"')

    assert [one.status_code for one in (made, same, changed, stale)] == [201, 200, 200, 412]
    found = await books.client.get("/v1/tolerance-groups/CLERKS", headers=bearer("auditor"))
    assert (found.headers["ETag"], found.json()["item_pct"], found.json()["members"]) == ('"2"', "0.5", [])
    listed = await books.get("/v1/tolerance-groups", kind="user", role="ar_specialist")
    assert "CLERKS" in [one["id"] for one in listed["data"]]


async def test_a_role_or_customer_belongs_to_one_group(books: Cashapp) -> None:
    await put(books, "FIRST", members=["credit_analyst"])

    answer = await put(books, "SECOND", members=["credit_analyst"])

    assert (answer.status_code, answer.json()["code"]) == (409, "member_of_another_group")
    assert "FIRST" in answer.json()["detail"]


async def test_a_group_of_users_stays_one(books: Cashapp) -> None:
    await put(books, "FIXED")

    answer = await put(books, "FIXED", kind="customer")

    assert (answer.status_code, answer.json()["code"]) == (409, "group_kind_fixed")


@pytest.mark.parametrize(
    "fields",
    [
        {"members": ["wizard"]},
        {"item_pct": "101"},
        {"item_pct": "-1"},
        {"discount_grace_days": 61},
        {"amounts": [{"currency": "JPY", "item_amount": "5.50", "receipt_amount": "20"}]},
        {"amounts": [{"currency": "EUR", "item_amount": "5.00", "receipt_amount": "20.00"}] * 2},
        {"kind": "other"},
        {"unknown": 1},
    ],
    ids=["no such role", "above 100", "negative", "grace", "decimals", "currency twice", "kind", "field"],
)
async def test_a_wrong_group_is_refused(books: Cashapp, fields: dict[str, Any]) -> None:
    assert (await put(books, "WRONG", **fields)).status_code == 422


async def test_only_who_keeps_the_ledger_puts_groups(books: Cashapp) -> None:
    for role in ("ar_specialist", "collector", "erp", "auditor"):
        assert (await put(books, "MINE", role=role)).status_code == 403
    unknown = await books.client.get("/v1/tolerance-groups/NONE", headers=bearer("auditor"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tolerance_group_not_found")
