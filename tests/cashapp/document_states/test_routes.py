"""The states of many documents: as their last events told them, and one number a customer to compare them by."""

import hashlib
from functools import reduce
from typing import Any

import pytest

from tests.cashapp.driver import Cashapp
from tests.support.services import bearer


def marked(content: str) -> int:
    """Return the mark of one document, as the page says it is made."""
    return int.from_bytes(hashlib.md5(content.encode()).digest()[:8], "big", signed=True)


async def states(cashapp: Cashapp, customer_id: str = "C-1", **params: Any) -> list[dict[str, Any]]:
    return list((await cashapp.get("/v1/document-states", customer_id=customer_id, **params))["data"])


async def pay(cashapp: Cashapp, item_id: str, amount: str) -> None:
    receipt = await cashapp.receipt(amount, customer_id="C-1")
    allocation = {"item_id": item_id, "amount": amount, "shortfall": "partial"}
    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/applications", {"allocations": [allocation]})
    assert answer.is_success, answer.text


async def test_states_are_those_of_the_last_events(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("1", "100.00", order_id="SO-1")
    await cashapp.invoice("2", "30.00", kind="credit_memo")
    await pay(cashapp, item["id"], "60.00")
    await cashapp.receipt("15.00", customer_id="C-1")

    kinds = ("item.posted", "item.updated", "payment.received", "payment.applied")
    told = {event.aggregate_id: event.version for kind in kinds for event in await cashapp.events(kind)}
    shown = {one["id"]: one for one in await states(cashapp)}

    assert {id_: one["version"] for id_, one in shown.items()} == told
    assert sorted((one["kind"], one["balance"]) for one in shown.values()) == [
        ("credit_memo", "-30.00"),
        ("invoice", "40.00"),
        ("receipt", "0.00"),
        ("receipt", "15.00"),
    ]


async def test_a_digest_is_the_xor_of_the_documents_marks(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("1", "100.00", order_id="SO-1", due_date="2026-04-01")
    money = await cashapp.receipt("15.00", customer_id="C-1")
    await cashapp.receipt("15.00")

    (digest,) = (await cashapp.get("/v1/document-digests"))["data"]

    marks = [
        marked(f"{item['id']}|invoice|SO-1|100.0000|100.0000|EUR|2026-04-01"),
        marked(f"{money['id']}|receipt|15.0000|EUR"),
    ]
    assert digest == {"customer_id": "C-1", "documents": 2, "digest": str(reduce(int.__xor__, marks))}


async def test_parts_show_every_customer_and_every_document_once(cashapp: Cashapp) -> None:
    for number in range(5):
        await cashapp.invoice(str(number), customer_id=f"C-{number % 3 + 1}")
    whole = (await cashapp.get("/v1/document-digests"))["data"]

    digests, after = [], ""
    while part := (await cashapp.get("/v1/document-digests", after=after, limit=2))["data"]:
        digests += part
        after = part[-1]["customer_id"]
    first = await states(cashapp, limit=1)
    second = await states(cashapp, limit=1, after=first[0]["id"])

    assert digests == whole
    assert [one["customer_id"] for one in whole] == ["C-1", "C-2", "C-3"]
    assert first + second == await states(cashapp)


async def test_the_digest_changes_with_each_posting(cashapp: Cashapp) -> None:
    seen = set()
    item = await cashapp.invoice("1", "100.00")
    for _ in range(3):
        seen.add((await cashapp.get("/v1/document-digests"))["data"][0]["digest"])
        await pay(cashapp, item["id"], "10.00")

    assert len(seen) == 3


@pytest.mark.parametrize("path", ["/v1/document-digests", "/v1/document-states?customer_id=C-1"])
async def test_only_who_reads_items_sees_their_states(cashapp: Cashapp, path: str) -> None:
    assert (await cashapp.client.get(path)).status_code == 401
    assert (await cashapp.client.get(path, headers=bearer("collector"))).status_code == 200
    assert (
        await cashapp.client.get(f"{path}{'&' if '?' in path else '?'}limit=0", headers=bearer("erp"))
    ).status_code == 422
