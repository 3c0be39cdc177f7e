"""A document that is posted again is known by what was posted, whatever became of it since."""

from tests.cashapp.driver import Cashapp

REASON = {"reason_code": "goodwill"}


def document(number: str, **fields: str) -> dict[str, str]:
    """Return an invoice that states when it is due."""
    body = {"number": number, "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-01", "currency": "EUR"}
    return body | {"amount": "100.00", "due_date": "2026-03-31"} | fields


async def test_a_document_is_known_after_its_due_date_was_changed(books: Cashapp) -> None:
    posted = (await books.post("/v1/items", document("REPEAT-1"))).json()
    for due_date in ("2026-04-15", "2026-04-30"):
        await books.post(f"/v1/items/{posted['id']}/due-date", REASON | {"due_date": due_date})

    again = await books.post("/v1/items", document("REPEAT-1"))
    batch = await books.post("/v1/items/batch", {"items": [document("REPEAT-1")]})

    assert (again.status_code, again.json()["id"]) == (200, posted["id"])
    assert again.json()["due_date"] == "2026-04-30", "the answer shows the item as it is now"
    assert [one["id"] for one in batch.json()["results"]] == [posted["id"]]


async def test_a_document_with_the_changed_due_date_is_other_content_than_was_posted(books: Cashapp) -> None:
    posted = (await books.post("/v1/items", document("REPEAT-2"))).json()
    await books.post(f"/v1/items/{posted['id']}/due-date", REASON | {"due_date": "2026-04-15"})

    answer = await books.post("/v1/items", document("REPEAT-2", due_date="2026-04-15"))

    assert (answer.status_code, answer.json()["code"]) == (409, "item_exists")
    assert "due_date" in answer.json()["detail"]


async def test_an_empty_reference_is_none_also_when_it_is_sent_again(books: Cashapp) -> None:
    answers = [
        await books.post("/v1/items", document("REPEAT-4", **fields))
        for fields in ({"reference": ""}, {"reference": ""}, {})
    ]

    assert [(one.status_code, one.json()["reference"]) for one in answers] == [(201, None), (200, None), (200, None)]
