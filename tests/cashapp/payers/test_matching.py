"""Money of parents and third parties as it comes in: applied where it names the items exactly, else proposed."""

from decimal import Decimal
from typing import Any

import pytest

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import fingerprint
from shared.events.credit import CustomerState
from tests.cashapp.driver import Cashapp, mt940
from tests.cashapp.payers.test_routes import put

TOP_ACCOUNT, UNION_ACCOUNT = "DE89370400440532013000", "DE02120300000000202051"
FAMILY = {"M-TOP": None, "M-MIDDLE": "M-TOP", "M-LEAF": "M-MIDDLE", "M-ALONE": None}


@pytest.fixture(scope="module", autouse=True)
async def _family(books: Cashapp) -> None:
    """A group of three levels whose parent's account is known, a customer beside it, and a third party that pays for two."""
    async with books.units.begin() as uow:
        for customer_id, parent_id in FAMILY.items():
            state = CustomerState(
                customer_id=customer_id,
                name=f"Werk {customer_id}",
                country="DE",
                currency="EUR",
                payment_terms="net 30",
                parent_id=parent_id,
                bank_account_fingerprints=[fingerprint(TOP_ACCOUNT)] if customer_id == "M-TOP" else [],
            )
            await customers.apply_state(uow, state, 1)
    made = await put(books, "UNION", account=UNION_ACCOUNT, pays_for=["M-LEAF", "M-ALONE"])
    assert made.status_code == 201, made.text


async def two(books: Cashapp, number: str, *owners: str) -> list[dict[str, Any]]:
    """Post an invoice of 50.00 for each of these customers."""
    return [await books.invoice(f"{number}-{owner}", "50.00", customer_id=owner) for owner in owners]


async def balances(books: Cashapp, items: list[dict[str, Any]]) -> set[str]:
    return {(await books.item(item["id"]))["balance"] for item in items}


async def test_a_parents_receipt_that_names_items_of_its_group_is_applied_to_them(books: Cashapp) -> None:
    items = await two(books, "MP-1", "M-MIDDLE", "M-LEAF")
    names = " ".join(item["number"] for item in items)
    receipt = await books.receipt("100.00", payer_account=TOP_ACCOUNT, reference=names)
    assert (receipt["customer_id"], receipt["status"]) == ("M-TOP", "applied")
    assert await balances(books, items) == {"0.00"}


async def test_a_bank_file_of_a_third_party_is_applied_to_what_it_names(books: Cashapp) -> None:
    items = await two(books, "MP-2", "M-LEAF", "M-ALONE")
    names = " ".join(item["number"] for item in items)
    job = await books.imported(
        mt940(f"C100,NTRFNONREF//MP2|166?00GUTSCHRIFT?20{names}?31{UNION_ACCOUNT}", account="DE8")
    )
    assert job["result"]["auto_applied"] == 1, job
    assert await balances(books, items) == {"0.00"}


async def test_a_third_party_that_is_not_exact_is_proposed_to_a_person_who_takes_it(books: Cashapp) -> None:
    items = await two(books, "MP-3", "M-LEAF", "M-ALONE")
    names = " ".join(item["number"] for item in items)
    receipt = await books.receipt("99.50", payer_account=UNION_ACCOUNT, reference=names)
    assert (receipt["status"], receipt["customer_id"]) == ("unidentified", None)
    best = (await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"][0]
    assert {one["item_id"] for one in best["allocations"]} == {item["id"] for item in items}
    assert not best["automatic"]
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
    assert answer.status_code == 201, answer.text
    assert answer.json()["receipt"]["status"] == "applied"


async def test_a_third_party_does_not_pay_for_others(books: Cashapp) -> None:
    items = await two(books, "MP-4", "M-MIDDLE")
    receipt = await books.receipt("50.00", payer_account=UNION_ACCOUNT, reference=items[0]["number"])
    assert receipt["status"] == "unidentified"
    assert await balances(books, items) == {"50.00"}


async def test_a_parent_that_is_given_finds_the_item_of_that_amount_in_its_group(books: Cashapp) -> None:
    item = await books.invoice("MP-5", "77.31", customer_id="M-LEAF")
    receipt = await books.receipt("77.31", customer_id="M-TOP")
    assert receipt["status"] == "unapplied"
    found = (await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"]
    fitting = next(one for one in found if one["method"] == "amount_exact")
    assert (fitting["customer_id"], fitting["allocations"][0]["item_id"]) == ("M-TOP", item["id"])
    assert Decimal(fitting["confidence"]) <= Decimal("0.60")


async def test_a_receipt_without_account_and_name_is_of_no_known_payer(books: Cashapp) -> None:
    """A payer that is known by its name alone has no account, and so has the receipt: that makes them no pair."""
    await put(books, "NAMED-ONLY", name="Nur ein Name eG", pays_for=["M-ALONE"])
    items = await two(books, "MP-6", "M-ALONE")
    receipt = await books.receipt("50.00", customer_id="M-TOP")
    body = {"allocations": [{"item_id": items[0]["id"], "amount": "50.00"}]}
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "foreign_item")
