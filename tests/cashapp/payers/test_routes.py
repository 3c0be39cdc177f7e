"""Who pays for whom: a parent for those below it, a known third party for those it is known for, nobody else."""

from typing import Any

import pytest

from cashapp_service.customers import use_cases as customers
from shared.events.credit import CustomerState
from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

GROUP = {"P-TOP": None, "P-MIDDLE": "P-TOP", "P-LEAF": "P-MIDDLE", "P-OTHER": None}


@pytest.fixture(scope="module", autouse=True)
async def _group(books: Cashapp) -> None:
    """A group of three levels, and a customer beside it."""
    async with books.units.begin() as uow:
        for customer_id, parent_id in GROUP.items():
            state = CustomerState(
                customer_id=customer_id,
                name=customer_id,
                country="DE",
                currency="EUR",
                payment_terms="net 30",
                parent_id=parent_id,
            )
            await customers.apply_state(uow, state, 1)


async def put(books: Cashapp, payer_id: str, role: str = "ar_specialist", version: str = "*", **body: Any) -> Any:
    headers = bearer(role) | {"If-Match": version}
    return await books.client.put(f"/v1/payers/{payer_id}", json=body, headers=headers)


async def test_a_parent_pays_items_of_all_below_it_in_one_application(books: Cashapp) -> None:
    own = await books.invoice("PAR-1", "100.00", customer_id="P-TOP")
    below = await books.invoice("PAR-2", "50.00", customer_id="P-MIDDLE")
    far_below = await books.invoice("PAR-3", "30.00", customer_id="P-LEAF")
    memo = await books.invoice("PAR-4", "20.00", customer_id="P-LEAF", kind="credit_memo")
    receipt = await books.receipt("160.00", customer_id="P-TOP")

    answer = await books.apply(
        receipt, takes(own, "100.00"), takes(below, "50.00"), takes(far_below, "30.00"), takes(memo, "-20.00")
    )

    assert answer.status_code == 201, answer.text
    assert (answer.json()["customer_id"], answer.json()["receipt"]["status"]) == ("P-TOP", "applied")
    entries = (await books.get("/v1/ledger/entries", receipt_id=receipt["id"]))["data"]
    lines = [line for entry in entries for line in entry["lines"] if line["account"] == "receivables"]
    assert {(line["customer_id"], line["item_id"]) for line in lines} == {
        ("P-TOP", own["id"]),
        ("P-MIDDLE", below["id"]),
        ("P-LEAF", far_below["id"]),
        ("P-LEAF", memo["id"]),
    }


async def test_what_a_parent_paid_for_another_is_taken_back_there(books: Cashapp) -> None:
    item = await books.invoice("PAR-BACK", "50.00", customer_id="P-LEAF")
    made = await books.apply(await books.receipt("50.00", customer_id="P-TOP"), takes(item, "50.00"))

    answer = await books.post(f"/v1/applications/{made.json()['id']}/reverse")

    assert answer.json()["receipt"]["unapplied"] == "50.00"
    assert (await books.item(item["id"]))["balance"] == "50.00"


@pytest.mark.parametrize(("payer", "owner"), [("P-LEAF", "P-TOP"), ("P-OTHER", "P-LEAF"), ("P-TOP", "P-OTHER")])
async def test_a_child_or_a_stranger_pays_for_nobody(books: Cashapp, payer: str, owner: str) -> None:
    item = await books.invoice(f"STRANGE-{payer}-{owner}", "50.00", customer_id=owner)

    answer = await books.apply(await books.receipt("50.00", customer_id=payer), takes(item, "50.00"))

    assert (answer.status_code, answer.json()["code"]) == (422, "foreign_item")
    assert f"PUT /v1/payers/{payer}" in answer.json()["detail"]


async def test_a_customer_known_to_pay_for_another_does(books: Cashapp) -> None:
    item = await books.invoice("KNOWN-1", "50.00", customer_id="C-2")
    receipt = await books.receipt("50.00", customer_id="C-3")
    refused = await books.apply(receipt, takes(item, "50.00"))

    made = await put(books, "C-3", pays_for=["C-2"])
    answer = await books.apply(receipt, takes(item, "50.00"))

    assert (refused.status_code, made.status_code, answer.status_code) == (422, 201, 201)


async def test_a_third_party_is_known_by_its_account(books: Cashapp) -> None:
    account = "DE02 1203 0000 0000 2020 51"
    await put(books, "ZR-NORD", name="Zentralregulierung Nord", account=account, pays_for=["C-1", "P-OTHER"])
    items = [await books.invoice(f"ZR-{owner}", "50.00", customer_id=owner) for owner in ("C-1", "P-OTHER")]
    receipt = await books.receipt("100.00", payer_name="ZR Nord eG", payer_account="DE02120300000000202051")

    answer = await books.apply(receipt, *(takes(item, "50.00") for item in items), customer_id="C-1")

    assert answer.status_code == 201, answer.text
    shown = await books.get("/v1/payers/ZR-NORD", role="auditor")
    assert (shown["account"], shown["pays_for"]) == ("…2051", ["C-1", "P-OTHER"])


async def test_a_payer_is_put_once_and_changed_by_version(books: Cashapp) -> None:
    body: dict[str, Any] = {"name": "Factor AG", "pays_for": ["C-1"]}

    codes = [
        (await put(books, "FACTOR", **body)).status_code,
        (await put(books, "FACTOR", version='"1"', **body)).status_code,
        (await put(books, "FACTOR", version='"1"', name="Factor SE", pays_for=["C-1"])).status_code,
        (await put(books, "FACTOR", version='"1"', **body)).status_code,
    ]

    assert codes == [201, 200, 200, 412]
    listed = (await books.get("/v1/payers"))["data"]
    assert [(one["name"], one["version"]) for one in listed if one["id"] == "FACTOR"] == [("Factor SE", 2)]


async def test_a_payer_that_is_ended_pays_for_nobody_any_more_and_what_it_paid_stays_paid(books: Cashapp) -> None:
    await put(books, "C-2", pays_for=["P-OTHER"])
    items = [await books.invoice(f"ENDED-{part}", "50.00", customer_id="P-OTHER") for part in (1, 2)]
    receipts = [await books.receipt("50.00", customer_id="C-2") for _ in items]
    await books.apply(receipts[0], takes(items[0], "50.00"))

    ended = await put(books, "C-2", pays_for=[])
    answer = await books.apply(receipts[1], takes(items[1], "50.00"))

    assert (ended.status_code, ended.json()["pays_for"]) == (200, [])
    assert (answer.status_code, answer.json()["code"]) == (422, "foreign_item")
    assert (await books.get(f"/v1/items/{items[0]['id']}"))["status"] == "cleared"


async def test_only_who_applies_receipts_says_who_pays_for_whom(books: Cashapp) -> None:
    assert (await put(books, "X", role="collector", pays_for=["C-1"])).status_code == 403
    assert (await put(books, "X", role="erp", pays_for=["C-1"])).status_code == 403


async def test_a_payer_for_nobody_or_for_an_unknown_customer_is_refused(books: Cashapp) -> None:
    assert (await put(books, "X", pays_for=[])).json()["code"] == "pays_for_nobody"
    assert (await put(books, "X", pays_for=["C-NONE"])).json()["code"] == "unknown_customer"
    unknown = await books.client.get("/v1/payers/X", headers=bearer("admin"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payer_not_found")


@pytest.mark.parametrize("account", ["…3000", "****3000", "DE89370400440532013001", "DE8937040044053201300"])
async def test_a_masked_or_false_account_of_a_payer_is_refused(books: Cashapp, account: str) -> None:
    answer = await put(books, "MASKED", account=account, pays_for=["P-OTHER"])

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "account")
    assert (await books.client.get("/v1/payers/MASKED", headers=bearer("auditor"))).status_code == 404


@pytest.mark.parametrize("key", ["%20", "P-TOP%20", "P%0ATOP", "%FF"])
async def test_a_payer_that_nobody_could_name_again_is_refused(books: Cashapp, key: str) -> None:
    answer = await put(books, key, pays_for=["P-OTHER"])

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["payer_id"])
