"""One item by itself, with its document."""

from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer


async def test_each_instalment_shows_what_was_applied_to_it_and_what_its_whole_document_says(books: Cashapp) -> None:
    request = await books.invoice("DETAIL-AZ", "100.00", kind="down_payment_request")
    await books.apply(await books.receipt("100.00", customer_id="C-1"), takes(request, "100.00"))
    posted = await books.invoice(
        "DETAIL-1",
        "1190.00",
        payment_terms="30% 10, 70% 60",
        lines=[{"net_amount": "1000.00", "tax_rate_pct": "19"}],
        down_payments=[{"number": "DETAIL-AZ"}],
    )
    first, second = [await books.item(one["id"]) for one in posted["instalments"]]
    await books.apply(await books.receipt("50.00", customer_id="C-1"), takes(second, "50.00"))

    seen = [await books.item(one["id"]) for one in (first, second)]

    assert [one["number"] for one in seen] == ["DETAIL-1/1", "DETAIL-1/2"]
    assert [[part["amount"] for part in one["applications"]] for one in seen] == [[], ["50.00"]]
    assert [one["instalments"] for one in seen] == [posted["instalments"]] * 2
    assert [[part["tax_amount"] for part in one["taxes"]] for one in seen] == [["190.00"]] * 2
    settled = [
        [(part["request_id"], part["item_id"], part["deducted"]) for part in one["down_payments"]] for one in seen
    ]
    assert settled == [[(request["id"], first["id"], "100.00")]] * 2


async def test_an_unknown_item_is_not_found(books: Cashapp) -> None:
    answer = await books.client.get("/v1/items/itm_none", headers=bearer("auditor"))

    assert answer.status_code == 404
    assert answer.json()["code"] == "item_not_found"
