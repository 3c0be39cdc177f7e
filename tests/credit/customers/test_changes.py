"""A change of master data is told by an event and, with old and new values, by the journal."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from shared.unit_of_work import Units
from tests.credit.desk import CUSTOMER, CreditDesk

SECRETS = {"tax_id": "DE811907980", "bank_accounts": ["DE89370400440532013000"]}


async def events(units: Units) -> list[dict[str, Any]]:
    """Return the customer events that were published, in order."""
    async with units.read() as session:
        rows = await session.execute(text("select body from outbox where type like 'customer.%' order by position"))
        return [json.loads(row[0]) for row in rows]


async def changes(desk: CreditDesk) -> list[dict[str, Any]]:
    """Return the customer's journal, oldest first, without who read it."""
    page = await desk.ask("auditor", "GET", "/v1/customers/C-1/credit-file/journal")
    return [entry for entry in reversed(page["data"]) if entry["kind"].startswith("customer.")]


async def test_the_journal_has_old_and_new_values_of_each_field_that_changed(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None, aliases=["Polarlicht"])
    headers = {"X-Request-Id": "erp-load-7"}
    body = CUSTOMER | {"aliases": [], "payment_terms": "net 60", "credit_analyst": "ada"}
    await desk.ask("erp", "PUT", "/v1/customers/C-1", json=body, headers=headers)

    created, updated = await changes(desk)

    assert (created["kind"], created["actor"], created["old"]) == ("customer.created", "erp", {})
    assert created["new"]["name"] == "Nordlicht Handel"
    assert (updated["kind"], updated["request_id"]) == ("customer.updated", "erp-load-7")
    assert updated["old"] == {"aliases": ["Polarlicht"], "payment_terms": "net 30", "credit_analyst": None}
    assert updated["new"] == {"aliases": [], "payment_terms": "net 60", "credit_analyst": "ada"}


async def test_the_event_names_the_fields_that_changed(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit=None)
    await desk.customer("C-1", limit=None, name="Nordlicht", country="AT")

    created, updated = await events(units)

    assert (created["type"], updated["type"]) == ("customer.created", "customer.updated")
    assert updated["data"]["changed"] == ["country", "name"]
    assert updated["data"]["customer"]["name"] == "Nordlicht"


async def test_equal_content_writes_neither_event_nor_entry(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit=None)
    await desk.customer("C-1", limit=None)

    assert (len(await events(units)), len(await changes(desk))) == (1, 1)


async def test_a_refused_change_writes_neither_event_nor_entry(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit=None)
    await desk.send("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"parent_id": "nobody"})

    assert (len(await events(units)), len(await changes(desk))) == (1, 1)


async def test_secrets_stand_nowhere_but_in_the_customer(desk: CreditDesk, units: Units, capfd: Any) -> None:
    await desk.customer("C-1", limit=None, **SECRETS)
    await desk.customer("C-1", limit=None, tax_id="DE811907999", bank_accounts=["DE02120300000000202051"])
    too_long = await desk.send("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"tax_id": "DE811907980" * 9})

    told = json.dumps([await events(units), await changes(desk)]) + too_long.text + "".join(capfd.readouterr())

    for secret in ("811907980", "811907999", "3704004405320130", "1203000000002020"):
        assert secret not in told
    assert (await changes(desk))[1]["old"] == {"tax_id": "…7980", "bank_accounts": ["…3000"]}


async def test_who_sees_secrets_masked_puts_a_customer_back_without_wiping_them_out(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None, **SECRETS)
    seen = await desk.ask("credit_analyst", "GET", "/v1/customers/C-1")
    body = {name: value for name, value in seen.items() if name not in ("customer_id", "version")}

    await desk.ask("credit_analyst", "PUT", "/v1/customers/C-1", json=body | {"industry": "lamps"})

    kept = await desk.ask("erp", "GET", "/v1/customers/C-1")
    assert (seen["tax_id"], seen["bank_accounts"]) == ("…7980", ["…3000"])
    assert kept["industry"] == "lamps"
    assert {name: kept[name] for name in SECRETS} == SECRETS
    assert (await changes(desk))[1]["new"] == {"industry": "lamps"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"bank_accounts": ["…9999"]}, "bank_accounts"),
        ({"bank_accounts": ["…3000", "…3000"]}, "bank_accounts"),
        ({"tax_id": "…0000"}, "tax_id"),
        ({"tax_id": "…"}, "tax_id"),
    ],
)
async def test_a_mask_that_stands_for_nothing_on_file_is_refused(
    desk: CreditDesk, sent: dict[str, Any], field: str
) -> None:
    await desk.customer("C-1", limit=None, **SECRETS)

    answer = await desk.send("credit_analyst", "PUT", "/v1/customers/C-1", json=CUSTOMER | sent)
    created = await desk.send("credit_analyst", "PUT", "/v1/customers/C-2", json=CUSTOMER | sent)

    for each in (answer, created):
        assert (each.status_code, each.json()["code"], each.json()["errors"][0]["field"]) == (
            422,
            "masked_value",
            field,
        )


async def test_two_accounts_that_look_alike_masked_are_kept_or_named_in_full(desk: CreditDesk) -> None:
    alike = ["DE89370400440532013000", "DE02120300000000203000"]
    await desk.customer("C-1", limit=None, bank_accounts=alike)

    one = await desk.send("credit_analyst", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"bank_accounts": ["…3000"]})
    await desk.ask("credit_analyst", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"bank_accounts": ["…3000", "…3000"]})

    assert one.status_code == 422
    assert (await desk.ask("erp", "GET", "/v1/customers/C-1"))["bank_accounts"] == alike
