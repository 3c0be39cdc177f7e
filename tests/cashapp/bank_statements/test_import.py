"""Importing bank files, over HTTP and by the worker's job, on a real database; afterwards the books must hold."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cashapp_service.worker import job_functions
from shared.events.cashapp import PaymentShortPaid
from shared.job_runner import JobRunner
from tests.cashapp.driver import Cashapp, mt940
from tests.support.services import bearer

PAID = "C1000,NTRFNONREF//B1|RE-2026-00017"
THANKS = "C5,NTRFNONREF//B2|thank you"


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []
    await cashapp.trial_balance()


def counts(job: dict[str, Any]) -> dict[str, Any]:
    assert job["status"] == "succeeded", job
    return {name: count for name, count in job["result"].items() if isinstance(count, int)}


async def test_a_credit_that_names_its_invoice_is_applied_by_itself(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    job = await cashapp.imported(mt940(PAID, THANKS, "D20,NTRFNONREF//B3|rent"))

    assert counts(job) == {
        "lines": 3,
        "created": 3,
        "duplicates": 0,
        "rejected": 0,
        "auto_applied": 1,
        "unapplied": 0,
        "unidentified": 1,
    }
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert job["progress"]["done"] == job["progress"]["total"]


async def test_the_same_file_again_creates_nothing(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    first = await cashapp.imported(mt940(PAID, THANKS))
    told = await cashapp.events()

    again = await cashapp.imported(mt940(PAID, THANKS))

    assert (counts(again)["created"], counts(again)["duplicates"]) == (0, 2)
    assert again["result"]["statements"][0]["id"] == first["result"]["statements"][0]["id"]
    assert await cashapp.events() == told


async def test_the_same_file_imported_by_two_workers_at_once_is_taken_once(cashapp: Cashapp) -> None:
    await cashapp.client.put("/v1/bank-accounts/DE11", json={"currency": "EUR"}, headers=bearer("admin"))
    for _ in range(2):
        await cashapp.client.post(
            "/v1/imports",
            data={"kind": "bank_statement"},
            files={"file": ("statement", mt940(PAID, THANKS, account="DE11"))},
            headers=bearer("admin"),
        )
    runners = [JobRunner(cashapp.units, job_functions(cashapp.settings)) for _ in range(2)]

    await asyncio.gather(*(runner.run_next() for runner in runners))

    async with cashapp.units.read() as session:
        found = await session.execute(text("select status, (result->>'created')::int from jobs order by 2"))
        assert found.all() == [("succeeded", 0), ("succeeded", 2)]


async def test_an_overlapping_statement_creates_only_what_is_new(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940(PAID, THANKS))

    job = await cashapp.imported(mt940(THANKS, "C7,NTRFNONREF//B4|more", opening="1000,", number="2/1"))

    assert (counts(job)["created"], counts(job)["duplicates"]) == (1, 1)
    (report,) = job["result"]["statements"]
    assert report["continuity"] == "overlap"
    entries = await cashapp.get(f"/v1/statements/{report['id']}/entries")
    assert [entry["known_as"] is not None for entry in entries["data"]] == [True, False]
    assert all(entry["receipt_id"] for entry in entries["data"])


async def test_a_missing_statement_is_reported(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940(THANKS))

    job = await cashapp.imported(mt940(THANKS.replace("B2", "B9"), opening="100,", number="3/1"))

    (report,) = job["result"]["statements"]
    assert (report["continuity"], report["created"]) == ("gap", 1)
    assert "closed with 5.00" in report["detail"]


async def test_statements_in_one_file_follow_one_another(cashapp: Cashapp) -> None:
    content = mt940(THANKS) + b"\r\n" + mt940(THANKS.replace("B2", "B3"), opening="5,", number="2/1")

    job = await cashapp.imported(content)

    assert [one["continuity"] for one in job["result"]["statements"]] == ["first", "continues"]
    assert counts(job)["created"] == 2


async def test_a_short_payment_with_its_reason_is_applied_and_told(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    job = await cashapp.imported(mt940("C900,NTRFNONREF//B1|RE-2026-00017 less DAMAGE"))

    assert counts(job)["auto_applied"] == 1
    (told,) = await cashapp.events("payment.short_paid")
    assert isinstance(told, PaymentShortPaid)
    assert (told.shortfall, told.reason_code, told.item.item_id) == (Decimal("100.00"), "damage", item["id"])
    assert (await cashapp.item(item["id"]))["balance"] == "100.00"


async def test_two_payments_of_one_file_do_not_pay_an_invoice_twice(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    job = await cashapp.imported(mt940(PAID, PAID.replace("B1", "B2")))

    assert counts(job)["auto_applied"] == 1
    assert (await cashapp.item(item["id"]))["status"] == "cleared"


async def test_a_receipt_takes_its_ledger_account_and_company_code_from_the_house_bank(cashapp: Cashapp) -> None:
    body = {"currency": "EUR", "company_code": "2000", "ledger_account": "1810"}
    await cashapp.client.put("/v1/bank-accounts/de 1", json=body, headers=bearer("admin"))
    await cashapp.client.put("/v1/bank-accounts/DE 11", json=body, headers=bearer("admin"))

    await cashapp.imported(mt940(THANKS, account="DE11"), create_accounts="false")

    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    assert receipt["company_code"] == "2000"
    assert (await cashapp.trial_balance())["1810"] == 5


async def test_an_invoice_of_another_company_code_is_not_paid_by_itself(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(company_code="2000")

    await cashapp.imported(mt940(PAID))

    assert (await cashapp.item(item["id"]))["status"] == "open"


async def test_an_unknown_house_bank_account_is_named_with_its_remedy_and_nothing_is_taken(cashapp: Cashapp) -> None:
    job = await cashapp.imported(mt940(THANKS, account="DE77"), create_accounts="false")

    assert job["status"] == "failed"
    assert "DE77" in job["errors"][0]["detail"]
    assert "create_accounts=true" in job["errors"][0]["detail"]
    assert (await cashapp.get("/v1/statements"))["data"] == []


async def test_a_statement_in_another_currency_than_its_account_is_refused(cashapp: Cashapp) -> None:
    await cashapp.client.put("/v1/bank-accounts/DE77", json={"currency": "USD"}, headers=bearer("admin"))

    job = await cashapp.imported(mt940(THANKS, account="DE77"))

    assert job["status"] == "failed"
    assert "kept in USD" in job["errors"][0]["detail"]


async def test_where_the_total_of_the_file_fails_nothing_is_taken_and_the_total_is_named(cashapp: Cashapp) -> None:
    content = mt940(THANKS).replace(b":62F:C260320EUR5,00", b":62F:C260320EUR6,00")

    job = await cashapp.imported(content)

    assert job["status"] == "failed"
    assert "closing balance" in job["errors"][0]["detail"]
    assert job["errors"][0]["line"] >= 1
    assert (await cashapp.get("/v1/receipts"))["data"] == []


@pytest.mark.parametrize("content", [b"hello", b"\0" * 100, b"<Document/>", b":20:X\r\n:25:Y\r\n:60F:garbage\r\n-"])
async def test_a_broken_file_says_why_and_leaves_nothing(cashapp: Cashapp, content: bytes) -> None:
    job = await cashapp.imported(content)

    assert job["status"] == "failed"
    assert job["errors"][0]["detail"]
    assert (await cashapp.get("/v1/statements"))["data"] == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "lockbox"}, "kind"),
        ({"format": "bai2"}, "format"),
        ({"create_accounts": "perhaps"}, "create_accounts"),
    ],
)
async def test_what_is_not_supported_is_said_at_once(cashapp: Cashapp, form: dict[str, str], field: str) -> None:
    answer = await cashapp.client.post(
        "/v1/imports",
        data={"kind": "bank_statement"} | form,
        files={"file": ("x", mt940(THANKS))},
        headers=bearer("erp"),
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_an_empty_file_is_refused_at_once(cashapp: Cashapp) -> None:
    answer = await cashapp.client.post(
        "/v1/imports", data={"kind": "bank_statement"}, files={"file": ("x", b"")}, headers=bearer("erp")
    )

    assert answer.status_code == 422


async def test_the_name_of_a_file_is_kept_without_what_no_database_holds(cashapp: Cashapp) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a\x00b"\r\n\r\n'
    kind = b'\r\n--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nbank_statement\r\n--b--\r\n'
    headers = bearer("erp") | {"Content-Type": "multipart/form-data; boundary=b"}

    answer = await cashapp.client.post("/v1/imports", content=head + mt940(THANKS) + kind, headers=headers)

    assert answer.status_code == 202, answer.text


async def test_an_upload_with_the_same_idempotency_key_is_one_job(cashapp: Cashapp) -> None:
    ids = [
        (
            await cashapp.client.post(
                "/v1/imports",
                data={"kind": "bank_statement"},
                files={"file": ("x", mt940(THANKS))},
                headers=bearer("erp") | {"Idempotency-Key": "upload-1"},
            )
        ).json()["id"]
        for _ in range(2)
    ]

    assert ids[0] == ids[1]


async def test_statements_and_entries_are_shown_with_accounts_masked_for_those_who_need_none(cashapp: Cashapp) -> None:
    entry = "C5,NTRFNONREF//B2|166?00CREDIT?20thank you?30COBADEFF?31DE89370400440532013000?32Nordlicht"
    job = await cashapp.imported(mt940(entry))

    (statement,) = (await cashapp.get("/v1/statements", import_id=job["id"]))["data"]
    path = f"/v1/statements/{statement['id']}/entries"
    seen = {role: (await cashapp.get(path, role=role))["data"][0] for role in ("erp", "collector")}

    assert (statement["opening_balance"], statement["closing_balance"], statement["proved"]) == ("0.00", "5.00", True)
    assert (seen["erp"]["amount"], seen["erp"]["bank_reference"], seen["erp"]["position"]) == ("5.00", "B2", 1)
    assert seen["erp"]["payer_account"] == "DE89370400440532013000"
    assert seen["collector"]["payer_account"] == "…3000"
    receipt = await cashapp.get(f"/v1/receipts/{seen['erp']['receipt_id']}", role="collector")
    assert receipt["payer_account"] == "…3000"


async def test_an_unknown_statement_is_not_found(cashapp: Cashapp) -> None:
    answer = await cashapp.client.get("/v1/statements/stm_none/entries", headers=bearer("erp"))

    assert answer.status_code == 404


def bank_files(shared_data: Path) -> list[Path]:
    return sorted(
        path
        for folder in shared_data.iterdir()
        if folder.name.startswith(("mt940-", "camt-"))
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCE.md"
    )


@pytest.mark.shared_data
async def test_every_real_file_is_taken_once_and_the_second_time_creates_nothing(
    cashapp: Cashapp, shared_data: Path
) -> None:
    for path in bank_files(shared_data):
        first = await cashapp.imported(path.read_bytes(), name=path.name)
        if first["status"] == "failed":
            assert first["errors"][0]["detail"], path
            continue
        taken = counts(first)
        assert taken["lines"] == taken["created"] + taken["duplicates"] + taken["rejected"], path

        second = counts(await cashapp.imported(path.read_bytes(), name=path.name))

        assert (second["created"], second["lines"]) == (0, taken["lines"]), path
