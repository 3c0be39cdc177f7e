"""Returns that are known by the bank's own number of them, over HTTP on one database; at the end every law holds."""

import asyncio
from typing import Any

import pytest

from tests.cashapp.driver import Cashapp
from tests.cashapp.returns.bank import BY_CARD, back, balances, opened, paid, parts

SAID: dict[str, Any] = {
    "reason": None,
    "reason_code": "13.3",
    "case_reference": "CB-0081733",
    "fee": "25.00",
    "posting_date": "2026-04-08",
}
MEANT: list[dict[str, Any]] = [
    {},
    {"reason": "chargeback"},
    {"amount": "300.0", "fee": "25"},
    {"deadline_on": "2026-05-07"},
    {"reinstate": True, "fee_borne_by": "customer", "application_ids": []},
]


async def test_a_notice_that_comes_again_under_its_case_reference_takes_nothing_more(books: Cashapp) -> None:
    receipt, items, _ = await paid(books, "1000.00")
    first = await back(books, receipt, "300.00", **SAID)
    entries = await books.get("/v1/ledger/entries", receipt_id=receipt["id"])

    repeats = [await back(books, receipt, **({"amount": "300.00"} | SAID | change)) for change in MEANT]

    assert (first.status_code, [one.status_code for one in repeats]) == (201, [200] * len(MEANT))
    opened = first.json()["payment_exception"]
    assert [one.json()["payment_exception"] for one in repeats] == [opened] * len(MEANT)
    assert opened["case_reference"] == "CB-0081733"
    assert await parts(books, receipt) == ("applied", "700.00", "0.00", "300.00")
    assert await books.get("/v1/ledger/entries", receipt_id=receipt["id"]) == entries
    assert await balances(books, items) == ["300.00"]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "300.01"},
        {"amount": None},
        {"value_date": "2026-04-08"},
        {"reason_code": "13.1"},
        {"reason_code": None, "reason": "duplicate"},
        {"fee": None},
        {"fee_borne_by": "company"},
        {"deadline_on": "2026-05-08"},
        {"posting_date": None},
        {"reinstate": False},
        {"application_ids": ["app_x"]},
    ],
    ids=lambda change: "-".join(change),
)
async def test_another_return_under_the_case_reference_of_one_is_refused_and_names_what_differs(
    books: Cashapp, change: dict[str, Any]
) -> None:
    receipt = await books.receipt("1000.00", **BY_CARD)
    assert (await back(books, receipt, "300.00", **SAID)).status_code == 201

    answer = await back(books, receipt, **({"amount": "300.00"} | SAID | change))

    assert (answer.status_code, answer.json()["code"]) == (409, "return_exists"), answer.text
    assert set(change) <= {one["field"] for one in answer.json()["errors"]}
    assert await parts(books, receipt) == ("unapplied", "0.00", "700.00", "300.00")


async def test_the_whole_under_its_case_reference_is_known_again_as_well_and_without_one_is_refused(
    books: Cashapp,
) -> None:
    receipt, items, _ = await paid(books, "1000.00")

    codes = [(await back(books, receipt, case_reference=one)).status_code for one in ("CB-1", "CB-1", "CB-2", None)]

    assert codes == [201, 200, 409, 409]
    assert await balances(books, items) == ["1000.00"]


async def test_a_case_reference_is_the_receipts_own_and_finds_its_exceptions(books: Cashapp) -> None:
    receipts = [await books.receipt("1000.00", **BY_CARD) for _ in range(2)]

    made = [await opened(books, one, "300.00", case_reference="CB-SHARED") for one in receipts]
    await opened(books, receipts[0], "300.00")
    again = await opened(books, receipts[0], "300.00")

    found = (await books.get("/v1/payment-exceptions", case_reference="CB-SHARED"))["data"]
    assert {one["id"] for one in found} == {one["id"] for one in made}
    # Two without a reference are two.
    assert (again["case_reference"], (await books.receipt_now(receipts[0]))["returned"]) == (None, "900.00")


async def test_the_same_notice_at_once_is_taken_once(books: Cashapp) -> None:
    receipt, _, _ = await paid(books, "1000.00")

    answers = await asyncio.gather(*(back(books, receipt, "300.00", case_reference="CB-7") for _ in range(6)))

    assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
    assert len({one.json()["payment_exception"]["id"] for one in answers}) == 1
    assert (await books.receipt_now(receipt))["returned"] == "300.00"


@pytest.mark.parametrize("reference", ["", " ", "a\x00b", "a\u200bb", "x" * 201, "4111 1111 1111 1111", 17], ids=repr)
async def test_a_case_reference_that_cannot_be_one_is_refused(books: Cashapp, reference: Any) -> None:
    receipt = await books.receipt("1000.00", **BY_CARD)

    answer = await back(books, receipt, "300.00", case_reference=reference)

    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == ["case_reference"]
