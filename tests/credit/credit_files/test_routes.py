"""The credit file shows all that is known, to those who may, and remembers who looked."""

import pytest
from pydantic import BaseModel

from credit_service.attachments.schemas import Attachment
from credit_service.credit_files.schemas import CreditFile, CreditFileParts
from credit_service.credit_files.use_cases import PARTS
from credit_service.customers.schemas import (
    ContactBody,
    Customer,
    CustomerSummary,
    GroupMember,
    PaymentRequirementsBody,
)
from credit_service.journal.schemas import JournalEntry, JournalIntegrity
from credit_service.notes.schemas import Note, NoteBody
from shared.security import ROLE_SCOPES
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

FILE = "/v1/customers/C-1/credit-file"
INSURANCE = {
    "insurer": "Atradius",
    "policy_number": "P-1",
    "currency": "EUR",
    "insured_limit": "500.00",
    "covered_pct": "90",
    "deductible": "50.00",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "notify_overdue_after_days": 60,
    "notify_within_days": 10,
}
READERS = {"credit_analyst", "credit_manager", "auditor", "admin"}
WRITERS = {"credit_analyst", "credit_manager", "admin"}


def test_each_part_has_its_field_in_the_answer() -> None:
    assert set(PARTS) == set(CreditFileParts.model_fields)


@pytest.mark.parametrize(
    "model",
    [
        Attachment,
        ContactBody,
        CreditFile,
        Customer,
        CustomerSummary,
        GroupMember,
        JournalEntry,
        JournalIntegrity,
        Note,
        NoteBody,
        PaymentRequirementsBody,
    ],
)
def test_every_field_is_described(model: type[BaseModel]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


async def test_the_file_shows_all_that_happened(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00", tax_id="DE811907980", bank_accounts=["DE89370400440532013000"])
    await desk.check("C-1", "SO-1", "800.00")
    await desk.check("C-1", "SO-2", "800.00")
    note = await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/notes", json={"text": "Visited."})
    added = await desk.ask(
        "credit_analyst", "POST", "/v1/customers/C-1/attachments", files={"file": ("a.txt", b"a", "text/plain")}
    )

    file = await desk.ask("credit_manager", "GET", FILE, params={"as_of": "2026-03-02"})

    assert file["customer"]["name"] == "Nordlicht Handel"
    assert file["credit"]["exposure"]["open_orders"] == "800.00"
    assert [request["requested_limit"] for request in file["limit_requests"]] == ["1000.00"]
    assert [(one["order_id"], one["decision"]) for one in file["decisions"]] == [("SO-2", "held"), ("SO-1", "approved")]
    assert [hold["order_id"] for hold in file["holds"]] == ["SO-2"]
    assert file["notes"] == [note]
    assert file["attachments"] == [added]
    assert file["changes"][-1]["kind"] == "customer.created"
    assert file["readings"] == []


async def test_the_file_shows_what_speaks_for_the_customer_and_what_secures_it(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    of_customer = "/v1/customers/C-1"
    statement = {
        "period_end": "2025-12-31",
        "currency": "EUR",
        "units": "thousands",
        "audited": True,
        "source": "annual report 2025",
        "figures": {"total_assets": "1000.00", "equity": "200.00"},
    }
    recorded = await desk.ask("credit_analyst", "POST", f"{of_customer}/financial-statements", json=statement)
    guarantee = {"kind": "given", "amount": "400.00", "currency": "EUR", "valid_from": "2026-01-01"}
    guaranteed = await desk.ask("credit_analyst", "PUT", f"{of_customer}/guarantees/G-1", json=guarantee)
    await desk.ask("credit_analyst", "PUT", f"{of_customer}/credit-insurance", json=INSURANCE)
    asked = {"customer_id": "C-1", "as_of": "2026-03-02"}
    assessed = await desk.ask("credit_analyst", "POST", "/v1/credit-assessments", json=asked)

    during, after = [
        await desk.ask("auditor", "GET", FILE, params={"as_of": day}) for day in ("2026-03-02", "2027-01-01")
    ]

    assert [one["id"] for one in during["assessments"]] == [assessed["id"]]
    assert [one["id"] for one in during["financial_statements"]] == [recorded["id"]]
    assert during["guarantees"] == [guaranteed]
    assert (during["credit_insurance"]["in_force"], after["credit_insurance"]["in_force"]) == (True, False)
    assert during["bureau_reports"] == during["insurance_alarms"] == []


async def test_secrets_are_masked_in_the_file_and_in_its_journal(desk: CreditDesk) -> None:
    await desk.customer("C-1", tax_id="DE811907980", bank_accounts=["DE89370400440532013000"])
    await desk.customer("C-1", tax_id="DE811907999", bank_accounts=["DE02120300000000202051"])

    file = await desk.send("credit_manager", "GET", FILE)
    journal = await desk.send("auditor", "GET", f"{FILE}/journal")

    for answer in (file, journal):
        for secret in ("811907980", "811907999", "3704004405320130", "120300000000"):
            assert secret not in answer.text
    assert file.json()["customer"]["bank_accounts"] == ["…2051"]


async def test_whoever_reads_what_secures_the_customer_is_remembered(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    guarantee = {"kind": "given", "amount": "400.00", "currency": "EUR", "valid_from": "2026-01-01"}
    await desk.ask("credit_analyst", "PUT", "/v1/customers/C-1/guarantees/G-1", json=guarantee)
    await desk.ask("credit_analyst", "PUT", "/v1/customers/C-1/credit-insurance", json=INSURANCE)

    await desk.ask("auditor", "GET", "/v1/customers/C-1/guarantees")
    await desk.ask("auditor_2", "GET", "/v1/customers/C-1/credit-insurance")

    read = [(one["subject"], one["actor"]) for one in (await desk.ask("auditor", "GET", FILE))["readings"]]
    assert read == [("credit_insurance", "auditor_2"), ("guarantees", "auditor")]


async def test_each_reading_is_remembered_with_who_when_and_in_which_request(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    first = await desk.send("auditor", "GET", FILE, headers={"X-Request-Id": "audit-2026-7"})

    file = await desk.ask("credit_manager", "GET", FILE)

    (reading,) = file["readings"]
    assert (reading["actor"], reading["subject"], reading["request_id"]) == ("auditor", "credit-file", "audit-2026-7")
    assert (reading["position"], reading["recorded_at"]) == (first.json()["read_position"], first.json()["read_at"])


async def test_a_part_shows_its_newest_hundred(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    for number in range(101):
        await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/notes", json={"text": f"Note {number}"})

    notes = (await desk.ask("credit_analyst", "GET", FILE))["notes"]

    assert len(notes) == 100
    assert (notes[0]["text"], notes[-1]["text"]) == ("Note 100", "Note 1")


async def test_the_journal_is_paged_and_filtered_and_reading_it_is_remembered(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.customer("C-1", limit=None, name="Nordlicht")
    await desk.ask("auditor", "GET", FILE)

    first = await desk.ask("auditor", "GET", f"{FILE}/journal", params={"limit": 2})
    rest = await desk.ask("auditor", "GET", f"{FILE}/journal", params={"limit": 2, "cursor": first["next_cursor"]})
    readings = await desk.ask("auditor", "GET", f"{FILE}/journal", params={"kind": "read", "actor": "auditor"})

    kinds = [entry["kind"] for entry in first["data"] + rest["data"]]
    assert kinds == ["read", "customer.updated", "customer.created"]
    assert [entry["subject"] for entry in readings["data"]] == ["journal", "journal", "credit-file"]


async def test_an_untouched_journal_is_intact_and_a_noted_seal_proves_it_later(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    noted = await desk.ask("auditor", "GET", f"{FILE}/integrity")
    await desk.ask("auditor", "GET", FILE)
    params = {"noted_position": noted["position"], "noted_seal": noted["seal"]}

    later = await desk.ask("auditor", "GET", f"{FILE}/integrity", params=params)
    other = await desk.ask("auditor", "GET", f"{FILE}/integrity", params=params | {"noted_seal": "0" * 64})

    assert (noted["intact"], later["intact"], later["entries"]) == (True, True, noted["entries"] + 1)
    assert (other["intact"], other["first_broken"], other["fault"]) == (False, noted["position"], "not_as_noted")


async def test_tampering_is_told_with_the_first_broken_entry(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.ask("auditor", "GET", FILE)
    async with units.engine.begin() as connection:
        await connection.exec_driver_sql("set local session_replication_role = replica")
        await connection.exec_driver_sql("update journal_entries set actor = 'nobody' where kind = 'read'")

    proof = await desk.ask("auditor", "GET", f"{FILE}/integrity")

    assert (proof["intact"], proof["first_broken"], proof["fault"]) == (False, proof["entries"], "altered")


WRONGLY_NOTED: list[dict[str, str | int]] = [
    {"noted_position": 1},
    {"noted_seal": "0" * 64},
    {"noted_position": 0, "noted_seal": "0" * 64},
    {"noted_position": 10**12, "noted_seal": "0" * 64},
    {"noted_position": 1, "noted_seal": "x"},
]


async def test_half_of_a_noted_seal_or_a_wrong_one_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await desk.send("auditor", "GET", f"{FILE}/integrity", params=params) for params in WRONGLY_NOTED]

    assert [answer.status_code for answer in answers] == [422] * len(WRONGLY_NOTED)


async def test_there_is_no_file_of_a_customer_that_there_is_not(desk: CreditDesk) -> None:
    for path in ("", "/journal", "/integrity"):
        answer = await desk.send("auditor", "GET", f"/v1/customers/C-9/credit-file{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found"), path


async def test_only_who_needs_the_file_may_read_or_write_it(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    reads = [FILE, f"{FILE}/journal", f"{FILE}/integrity", "/v1/customers/C-1/notes", "/v1/customers/C-1/attachments"]
    content = "/v1/customers/C-1/attachments/att_1/content"
    for role in ROLE_SCOPES:
        seen = [(await desk.send(role, "GET", path)).status_code for path in reads]
        fetched = await desk.send(role, "GET", content)
        written = await desk.send(role, "POST", "/v1/customers/C-1/notes", json={"text": "x"})
        added = await desk.send(role, "POST", "/v1/customers/C-1/attachments", files={"file": ("a", b"a", "")})

        assert set(seen) == ({200} if role in READERS else {403}), role
        assert fetched.status_code == (404 if role in READERS else 403), role
        assert {written.status_code, added.status_code} == ({201} if role in WRITERS else {403}), role


async def test_only_who_reads_files_may_have_all_journals_proved(desk: CreditDesk) -> None:
    answers = {role: (await desk.send(role, "POST", "/v1/journal-proofs")).status_code for role in ROLE_SCOPES}

    assert answers == {role: 202 if role in READERS else 403 for role in ROLE_SCOPES}


async def test_who_may_not_read_the_file_leaves_no_reading(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.send("collector", "GET", FILE)

    assert (await desk.ask("auditor", "GET", FILE))["readings"] == []
