"""A guarantee given for a customer counts while it runs; every change of it is in the journal."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credit_service.guarantees.use_cases import end_guarantees
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import invoice

TERMS = {"kind": "given", "amount": "400.00", "currency": "EUR", "valid_from": "2026-01-01"}


async def put(desk: CreditDesk, number: str = "G-1", role: str = "credit_analyst", **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    path = f"/v1/customers/C-1/guarantees/{number}"
    return await desk.send(role, "PUT", path, json=TERMS | more, headers=headers)


async def end(desk: CreditDesk, number: str = "G-1") -> httpx.Response:
    return await desk.send(
        "credit_analyst", "POST", f"/v1/customers/C-1/guarantees/{number}/end", json={"note": "back"}
    )


async def test_a_guarantee_given_is_special_exposure_until_it_ends(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    given = await put(desk)
    while_it_runs = await desk.exposure("C-1", "special")
    ended = [await end(desk), await end(desk)]

    assert (given.status_code, given.json()["status"], given.json()["counts"]) == (201, "valid", "400.00")
    assert while_it_runs == "400.00"
    assert [(one.json()["status"], one.json()["version"]) for one in ended] == [("ended", 2), ("ended", 2)]
    assert await desk.exposure("C-1", "special") == "0.00"


async def test_a_guarantee_received_lowers_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    received = await put(desk, kind="received")

    assert received.json()["counts"] == "0.00"
    assert await desk.exposure("C-1", "total") == "0.00"


async def test_equal_terms_change_nothing_and_others_move_what_counts(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await put(desk)

    same = await put(desk)
    raised = await put(desk, amount="500.00")
    exposed = await desk.exposure("C-1", "special")
    turned = await put(desk, amount="500.00", kind="received")

    assert (same.status_code, same.headers["ETag"]) == (200, '"1"')
    assert (raised.json()["version"], exposed) == (2, "500.00")
    assert (turned.json()["version"], await desk.exposure("C-1", "special")) == (3, "0.00")


async def test_it_counts_beside_requested_down_payments(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put(desk)

    await tell(units, invoice("1", "C-1", "50.00", kind="down_payment_request").event())

    assert await desk.exposure("C-1", "special") == "450.00"


@pytest.mark.parametrize(("day", "special"), [(date(2026, 6, 30), "400.00"), (date(2026, 7, 1), "0.00")])
async def test_it_counts_on_its_last_day_and_the_run_of_the_next_ends_it(
    desk: CreditDesk, units: Units, day: date, special: str
) -> None:
    await desk.customer("C-1")
    async with units.sessions() as session:
        today = (await session.execute(text("select current_date"))).scalar_one()
    await put(desk, valid_until=max(date(2026, 6, 30), today).isoformat())
    async with units.begin() as uow:
        # Put back to the day of the test: the service's own clock is that of the machine.
        await uow.session.execute(text("update guarantees set valid_until = date '2026-06-30'"))

    for _ in range(2):
        async with units.begin() as uow:
            await end_guarantees(uow, day)

    assert await desk.exposure("C-1", "special") == special


async def test_one_that_is_over_when_it_is_put_has_ended(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    over = await put(desk, valid_until="2026-01-31")
    renewed = await put(desk, valid_until="2999-01-31")

    assert (over.json()["status"], over.json()["counts"]) == ("ended", "0.00")
    assert (renewed.json()["status"], await desk.exposure("C-1", "special")) == ("valid", "400.00")


async def test_an_ended_guarantee_releases_what_it_held(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await put(desk)
    assert (await desk.check("C-1", "SO-1", "700.00")).json()["decision"] == "held"

    await end(desk)

    assert (await desk.order("SO-1"))["status"] == "released"


async def test_each_change_is_in_the_journal_with_old_and_new(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put(desk)
    await put(desk, amount="500.00")
    await put(desk, amount="500.00")
    await end(desk)

    async with units.read() as session:
        rows = await session.execute(
            text(
                "select kind, subject, actor, old, new, reason from journal_entries where kind like 'guarantee.%' "
                "order by position"
            )
        )
        entries = rows.all()

    assert [(entry.kind, entry.subject, entry.actor) for entry in entries] == [
        ("guarantee.put", "G-1", "credit_analyst"),
        ("guarantee.put", "G-1", "credit_analyst"),
        ("guarantee.ended", "G-1", "credit_analyst"),
    ]
    assert (entries[1].old["amount"], entries[1].new["amount"]) == ("400.00", "500.00")
    assert entries[2].reason == "back"


async def test_the_rate_once_used_stays_with_the_guarantee(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    day = datetime.now(UTC).date().isoformat()
    without = await put(desk, currency="USD")
    for rate in ("2", "4"):
        rates = {"base": "EUR", "rates": {"USD": rate}}
        await desk.ask("credit_manager", "PUT", f"/v1/exchange-rates/{day}", json=rates)
        await put(desk, currency="USD", note=f"at {rate}")

    assert (without.status_code, without.json()["code"]) == (422, "missing_exchange_rate")
    assert await desk.exposure("C-1", "special") == "200.00"


async def test_a_stale_version_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await put(desk)
    await put(desk, amount="500.00")

    stale = await put(desk, amount="600.00", headers={"If-Match": '"1"'})

    assert stale.status_code == 412
    assert await desk.exposure("C-1", "special") == "500.00"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "0.00"}, None),
        ({"amount": "1.001"}, None),
        ({"kind": "maybe"}, None),
        ({"valid_until": "2025-12-31"}, "guarantee_ends_before_it_begins"),
        ({"valid_until": "2026-02-30"}, None),
        ({"amount": "9" * 16}, None),
        ({"note": "x\x00y"}, None),
    ],
)
async def test_a_malformed_guarantee_is_refused(desk: CreditDesk, change: dict[str, Any], code: str | None) -> None:
    await desk.customer("C-1")

    answer = await put(desk, **change)

    assert answer.status_code == 422
    assert code in (None, answer.json()["code"])
    assert answer.json()["errors"][0]["field"] in change


async def test_amounts_no_company_could_be_owed_are_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await put(desk, number, amount="9" * 15) for number in ("G-1", "G-2")]

    assert [answer.status_code for answer in answers] == [201, 422]


async def test_only_who_keeps_credit_files_sees_or_changes_guarantees(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await put(desk)

    refused = [
        await put(desk, role="erp"),
        await put(desk, role="collector"),
        await put(desk, role="auditor"),
        await desk.send("collector", "GET", "/v1/customers/C-1/guarantees"),
        await desk.send("erp", "POST", "/v1/customers/C-1/guarantees/G-1/end"),
    ]
    listed = await desk.ask("auditor", "GET", "/v1/customers/C-1/guarantees")

    assert {answer.status_code for answer in refused} == {403}
    assert [one["guarantee_id"] for one in listed["data"]] == ["G-1"]


async def test_who_is_not_there_is_a_404(desk: CreditDesk) -> None:
    nobody = await put(desk)
    await desk.customer("C-1")
    nothing = await end(desk)

    assert (nobody.status_code, nobody.json()["code"]) == (404, "customer_not_found")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "guarantee_not_found")


async def test_an_account_with_a_guarantee_keeps_its_currency(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await put(desk)
    body = {"name": "Nordlicht Handel", "country": "DE", "currency": "USD", "payment_terms": "net 30"}

    answer = await desk.send("erp", "PUT", "/v1/customers/C-1", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, "currency_in_use")
