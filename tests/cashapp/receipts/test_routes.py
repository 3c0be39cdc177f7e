from typing import Any

import pytest

from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

RECEIPT = {"method": "wire", "amount": "1000.00", "currency": "EUR", "value_date": "2026-03-20"}


async def test_a_remittance_that_proves_itself_is_applied_at_once(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    receipt = await cashapp.receipt(remittance=[{"number": "RE 2026/17", "amount": "1000.00"}])

    assert (receipt["status"], receipt["customer_id"]) == ("applied", "C-1")
    assert receipt["match"]["method"] == "remittance"
    assert receipt["match"]["explanation"]
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert await cashapp.violations() == []


async def test_a_remittance_names_documents_however_the_payer_wrote_them(cashapp: Cashapp) -> None:
    invoice = await cashapp.invoice("RE-2026-00017", "1000.00")

    receipt = await cashapp.receipt(remittance=[{"number": "RE\u00a02026\t/\u200b17", "amount": "1000.00"}])

    assert (receipt["status"], (await cashapp.item(invoice["id"]))["status"]) == ("applied", "cleared")


async def test_a_remittance_that_is_short_with_a_reason_opens_a_dispute(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    line = {"number": "RE-2026-00017", "amount": "900.00", "reason_code": "damage"}

    receipt = await cashapp.receipt("900.00", remittance=[line])

    assert receipt["status"] == "applied"
    assert len(await cashapp.events("payment.short_paid")) == 1


async def test_a_remittance_takes_its_earned_discount(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    line = {"number": "RE-2026-00017", "amount": "980.00", "discount": "20.00"}

    receipt = await cashapp.receipt("980.00", remittance=[line])

    assert receipt["status"] == "applied"
    assert (await cashapp.item(item["id"]))["status"] == "cleared"


async def test_a_remittance_nets_its_credit_memo(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    memo = await cashapp.invoice("CM-4711-9", "200.00", kind="credit_memo")
    lines = [{"number": "RE-2026-00017", "amount": "1000.00"}, {"number": "CM-4711-9", "amount": "-200.00"}]

    receipt = await cashapp.receipt("800.00", remittance=lines)

    assert receipt["applied"] == "800.00"
    assert (await cashapp.item(memo["id"]))["status"] == "cleared"
    assert await cashapp.violations() == []


async def test_an_amount_that_fits_by_chance_is_only_proposed(cashapp: Cashapp) -> None:
    await cashapp.invoice()

    receipt = await cashapp.receipt(customer_id="C-1")

    assert receipt["status"] == "unapplied"
    proposals = (await cashapp.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"]
    assert not proposals[0]["automatic"]


async def test_the_number_of_two_customers_is_not_applied_by_itself(cashapp: Cashapp) -> None:
    await cashapp.invoice("47110815")
    await cashapp.invoice("X-1", customer_id="C-2", reference="47110815")

    receipt = await cashapp.receipt(reference="Invoice 47110815")

    assert receipt["status"] != "applied"


async def test_money_of_an_unknown_payer_is_unidentified(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt(payer_name="Nobody Knows")

    assert (receipt["status"], receipt["unidentified"], receipt["customer_id"]) == ("unidentified", "1000.00", None)


async def test_a_payer_who_is_only_like_a_customer_stays_unidentified(cashapp: Cashapp) -> None:
    await cashapp.invoice()

    receipt = await cashapp.receipt("77.00", payer_name="Handel C-1 Filiale Nord")

    assert (receipt["status"], receipt["customer_id"]) == ("unidentified", None)
    proposals = (await cashapp.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"]
    assert proposals[0]["customer_id"] == "C-1"


async def test_a_receipt_with_the_same_bank_reference_and_content_is_taken_once(cashapp: Cashapp) -> None:
    body = RECEIPT | {"bank_reference": "B-1"}

    first = await cashapp.post("/v1/receipts", body)
    again = await cashapp.post("/v1/receipts", body)
    other = await cashapp.post("/v1/receipts", body | {"amount": "1.00"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == again.json()["id"]
    assert "amount" in other.json()["detail"]


async def test_a_repeat_is_known_after_its_payer_was_found(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    body = RECEIPT | {"bank_reference": "B-1", "reference": "RE-2026-00017"}

    codes = [(await cashapp.post("/v1/receipts", body)).status_code for _ in range(2)]

    assert codes == [201, 200]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"method": "barter"}, "method"),
        ({"value_date": "2026-02-30"}, "value_date"),
        ({"customer_id": "C-9"}, "customer_id"),
        ({"remittance": [{"number": "RE-1", "amount": "1.001"}]}, "remittance"),
        ({"remittance": [{"number": "RE-1", "amount": "1.00", "reason_code": "¿why?"}]}, "remittance.0.reason_code"),
        ({"payer": "x"}, "payer"),
    ],
)
async def test_a_wrong_field_is_named(cashapp: Cashapp, change: dict[str, Any], field: str) -> None:
    answer = await cashapp.post("/v1/receipts", RECEIPT | change)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_receipts_are_found_by_status_customer_and_value_date(cashapp: Cashapp) -> None:
    await cashapp.receipt("1.00", customer_id="C-1")
    await cashapp.receipt("2.00", value_date="2026-03-22")

    async def found(**params: str) -> list[str]:
        return [receipt["amount"] for receipt in (await cashapp.get("/v1/receipts", **params))["data"]]

    assert await found() == ["1.00", "2.00"]
    assert await found(status="unidentified") == ["2.00"]
    assert await found(customer_id="C-1") == ["1.00"]
    assert await found(value_date_from="2026-03-21", value_date_to="2026-03-22") == ["2.00"]


async def test_an_unknown_receipt_is_not_found(cashapp: Cashapp) -> None:
    for path in ("", "/proposals"):
        answer = await cashapp.client.get(f"/v1/receipts/rcp_none{path}", headers=bearer("erp"))
        assert answer.status_code == 404
    for path in ("applications", "return", "identify"):
        body = {"reason": "nsf", "value_date": "2026-03-20"} if path == "return" else {"customer_id": "C-1"}
        answer = await cashapp.post(f"/v1/receipts/rcp_none/{path}", body)
        assert answer.status_code == 404, path


async def test_a_collector_reads_receipts_and_applies_none(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/applications", role="collector")

    assert answer.status_code == 403
    assert (await cashapp.get("/v1/receipts", role="collector"))["data"]


async def test_the_masked_account_of_a_payer_is_not_put_back(cashapp: Cashapp) -> None:
    body = {
        "method": "wire",
        "amount": "10.00",
        "currency": "EUR",
        "value_date": "2026-03-20",
        "payer_account": "…3000",
    }

    answer = await cashapp.post("/v1/receipts", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "payer_account")


async def test_a_receipt_is_known_after_it_was_applied_for_an_order(books: Cashapp) -> None:
    item = await books.invoice("REPEAT-3", "10.00")
    body = {"method": "wire", "amount": "30.00", "currency": "EUR", "value_date": "2026-03-20"}
    body |= {"customer_id": "C-1", "bank_reference": "REPEAT-B-3"}
    receipt = (await books.post("/v1/receipts", body)).json()
    applied = await books.apply(receipt, takes(item, "10.00"), on_account="20.00", order_id="SO-REPEAT")

    again = await books.post("/v1/receipts", body)
    other = await books.post("/v1/receipts", body | {"order_id": "SO-OTHER"})

    assert applied.status_code == 201, applied.text
    assert (again.status_code, other.status_code) == (200, 409)
