"""Insurance over HTTP: what it does to the account, and its alarms."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from credit_service.credit_insurance.use_cases import let_day_pass
from credit_service.exposure.handlers import on_items_changed
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.ledger import Item, invoice

TODAY = datetime.now(UTC).date()
ALARMS = "/v1/insurance-alarms"
TERMS: dict[str, Any] = {
    "insurer": "Atradius",
    "policy_number": "P-1",
    "currency": "EUR",
    "insured_limit": "500.00",
    "covered_pct": "90",
    "deductible": "50.00",
    "valid_from": (TODAY - timedelta(days=200)).isoformat(),
    "valid_until": (TODAY + timedelta(days=200)).isoformat(),
    "notify_overdue_after_days": 60,
    "notify_within_days": 10,
}


async def insure(
    desk: CreditDesk, customer_id: str = "C-1", role: str = "credit_analyst", headers: Any = None, **changes: Any
) -> httpx.Response:
    path = f"/v1/customers/{customer_id}/credit-insurance"
    return await desk.send(role, "PUT", path, json=TERMS | changes, headers=headers or {})


async def alarms(desk: CreditDesk, **params: Any) -> list[Any]:
    page = await desk.ask("auditor", "GET", ALARMS, params=params)
    data: list[Any] = page["data"]
    return data


async def acknowledge(desk: CreditDesk, alarm: Any, role: str = "credit_analyst") -> httpx.Response:
    body = {"note": "Told by e-mail.", "reference": "CLM-1"}
    return await desk.send(role, "POST", f"{ALARMS}/{alarm['id']}/acknowledge", json=body)


async def tell(units: Units, *items: Item) -> None:
    async with units.begin() as uow:
        await on_items_changed(uow, [item.event() for item in items])


async def pass_day(units: Units, day: date = TODAY) -> int:
    async with units.begin() as uow:
        return await let_day_pass(uow, day)


def due(days_ago: int, number: str = "1", customer_id: str = "C-1") -> Item:
    return invoice(number, customer_id, "100.00", due_date=TODAY - timedelta(days=days_ago))


async def cover_of(units: Units, customer_id: str = "C-1") -> tuple[Any, ...]:
    statement = text("select insured_amount, insured_cover, insured_until from credit_accounts where customer_id = :id")
    async with units.read() as session:
        return tuple(map(str, (await session.execute(statement, {"id": customer_id})).one()))


async def test_an_insurance_stands_on_the_account_and_is_told(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    before = (await desk.credit("C-1"))["version"]

    answer = await insure(desk)

    told = answer.json()
    assert (answer.status_code, answer.headers["ETag"], told["in_force"]) == (201, '"1"', True)
    assert (told["insured_amount"], told["cover"]) == ("500.00", "400.00")
    credit = await desk.credit("C-1")
    assert (credit["insured_amount"], credit["version"]) == ("500.00", before + 1)
    assert await cover_of(units) == ("500.0000", "400.0000", TERMS["valid_until"])


async def test_equal_terms_change_nothing_and_a_change_stands_in_the_journal(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk)

    again = await insure(desk)
    changed = await insure(desk, insured_limit="600.00", role="credit_manager")

    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    async with units.read() as session:
        statement = text(
            "select actor, old, new from journal_entries where kind = 'credit_insurance.changed' order by position"
        )
        entries = [tuple(row) for row in await session.execute(statement)]
    assert len(entries) == 2
    assert entries[1] == ("credit_manager", {"insured_limit": "500.00"}, {"insured_limit": "600.00"})


async def test_a_stale_version_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await insure(desk)
    await insure(desk, insured_limit="600.00")

    answer = await insure(desk, insured_limit="700.00", headers={"If-Match": '"1"'})

    assert answer.status_code == 412


async def test_an_insured_limit_in_another_currency_counts_at_the_stored_rate(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    assert (await insure(desk, currency="USD")).json()["code"] == "missing_exchange_rate"
    rates = {"base": "EUR", "rates": {"USD": "1.25"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-01-01", json=rates)

    told = (await insure(desk, currency="USD")).json()

    assert (told["rate"], told["insured_amount"], told["cover"]) == ("0.8000000000", "400.00", "320.00")


async def test_an_insurance_that_begins_later_counts_from_its_first_day(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk)
    tomorrow = TODAY + timedelta(days=1)

    renewed = await insure(desk, valid_from=tomorrow.isoformat(), insured_limit="900.00")

    assert renewed.json()["in_force"] is False
    assert (await desk.credit("C-1"))["insured_amount"] == "500.00"
    await pass_day(units)
    assert (await desk.credit("C-1"))["insured_amount"] == "500.00"
    await pass_day(units, tomorrow)
    assert (await desk.credit("C-1"))["insured_amount"] == "900.00"


async def test_a_cover_that_counts_lets_go_what_it_alone_held_back(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    policy = {"rules": [{"rule": "static_limit"}], "insured_cover_counts": True}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)
    today = TODAY.isoformat()
    held = [
        (await desk.check("C-1", f"SO-{n}", amount, as_of=today)).json() for n, amount in ((1, "500.00"), (2, "0.01"))
    ]
    assert [one["decision"] for one in held] == ["held", "approved"]

    await insure(desk)
    assert (await desk.order("SO-1"))["status"] == "held"
    await insure(desk, deductible="49.99")

    assert (await desk.order("SO-1"))["status"] == "released"


async def test_exposure_above_the_insured_limit_is_alarmed_at_once_and_ends_with_its_cause(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1", limit="5000.00")
    await insure(desk)
    item = invoice("1", "C-1", "500.00")
    await tell(units, item)
    assert await alarms(desk) == []

    await desk.check("C-1", "SO-1", "0.01")

    [alarm] = await alarms(desk, status="open")
    assert (alarm["kind"], alarm["amount"], alarm["exposure"]) == ("exposure_above_insured_limit", "500.01", "500.01")
    await desk.check("C-1", "SO-2", "100.00")
    [alarm] = await alarms(desk)
    assert (alarm["amount"], alarm["exposure"]) == ("500.01", "600.01")
    await tell(units, item.now("100.00"))
    assert [(one["id"], one["status"]) for one in await alarms(desk)] == [(alarm["id"], "closed")]
    await tell(units, invoice("2", "C-1", "400.00"))
    assert [one["status"] for one in await alarms(desk)] == ["open", "closed"]


async def test_many_changes_at_once_raise_one_alarm(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50000.00")
    await insure(desk)

    await asyncio.gather(
        *(desk.check("C-1", f"SO-{number}", "300.00") for number in range(6)),
        *(tell(units, invoice(str(number), "C-1", "300.00")) for number in range(6)),
    )

    assert len(await alarms(desk)) == 1


async def test_a_higher_insured_limit_ends_the_alarm(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="5000.00")
    await insure(desk)
    await desk.check("C-1", "SO-1", "600.00")

    await insure(desk, insured_limit="600.00")

    assert [one["status"] for one in await alarms(desk)] == ["closed"]


async def test_exposure_that_is_there_when_a_customer_is_insured_is_alarmed(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="5000.00")
    await desk.check("C-1", "SO-1", "500.01")

    await insure(desk)

    assert [one["kind"] for one in await alarms(desk)] == ["exposure_above_insured_limit"]


async def test_an_overdue_is_to_be_told_from_its_day_on_if_it_fell_due_under_the_cover(
    desk: CreditDesk, units: Units
) -> None:
    for days_ago in (59, 60, 75, 200, 201):
        await desk.customer(f"C-{days_ago}", limit=None)
        await insure(desk, f"C-{days_ago}")
        await tell(units, due(days_ago, number=str(days_ago), customer_id=f"C-{days_ago}"))

    assert await pass_day(units) == 3

    found = {alarm["customer_id"]: alarm for alarm in await alarms(desk)}
    assert sorted(found) == ["C-200", "C-60", "C-75"]
    for days_ago in (60, 75, 200):
        alarm, tell_by = found[f"C-{days_ago}"], TODAY - timedelta(days=days_ago - 70)
        assert (alarm["kind"], alarm["items"], alarm["amount"]) == ("overdue_to_be_told", 1, "100.00")
        assert (alarm["tell_by"], alarm["told"]) == (tell_by.isoformat(), False)


async def test_an_acknowledged_alarm_is_told_grows_and_is_not_raised_again(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk)
    await tell(units, due(61))
    await pass_day(units)
    [alarm] = await alarms(desk)

    told = await acknowledge(desk, alarm)
    await tell(units, due(60, number="2"))
    await pass_day(units, TODAY + timedelta(days=1))

    assert (told.json()["status"], told.json()["told"], told.json()["reference"]) == ("acknowledged", True, "CLM-1")
    assert await alarms(desk, status="open") == []
    [alarm] = await alarms(desk, status="acknowledged")
    assert (alarm["items"], alarm["amount"], alarm["told"]) == (2, "200.00", True)
    assert (await acknowledge(desk, alarm)).json()["code"] == "insurance_alarm_not_open"


async def test_an_overdue_that_is_paid_is_not_to_be_told_any_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk)
    old, older = due(61), due(70, number="2")
    await tell(units, old, older)
    await pass_day(units)

    await tell(units, older.now("0.00"))
    assert [one["status"] for one in await alarms(desk)] == ["open"]
    await tell(units, old.now("0.00"))

    assert [one["status"] for one in await alarms(desk)] == ["closed"]
    assert await pass_day(units) == 0


async def test_the_run_of_an_earlier_day_that_comes_late_takes_nothing_back(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk)
    await tell(units, due(60))
    await pass_day(units)

    await pass_day(units, TODAY - timedelta(days=3))

    assert [(one["status"], one["as_of"]) for one in await alarms(desk)] == [("open", TODAY.isoformat())]


async def test_runs_at_once_raise_an_alarm_once(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await insure(desk, valid_until=(TODAY + timedelta(days=30)).isoformat())
    await tell(units, due(60))

    await asyncio.gather(*(pass_day(units) for _ in range(4)))

    assert sorted(one["kind"] for one in await alarms(desk)) == ["expiring", "overdue_to_be_told"]


async def test_a_cover_that_ends_soon_is_alarmed_and_a_renewal_ends_the_alarm(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    ends = TODAY + timedelta(days=31)
    await insure(desk, valid_until=ends.isoformat())
    assert await pass_day(units) == 0

    assert await pass_day(units, TODAY + timedelta(days=1)) == 1

    [alarm] = await alarms(desk)
    assert (alarm["kind"], alarm["expires_on"]) == ("expiring", ends.isoformat())
    await insure(desk)
    await pass_day(units, TODAY + timedelta(days=1))
    assert [one["status"] for one in await alarms(desk)] == ["closed"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"covered_pct": "100.1"}, "covered_pct"),
    ({"covered_pct": "0"}, "covered_pct"),
    ({"insured_limit": "0"}, "insured_limit"),
    ({"insured_limit": "1e9"}, "insured_limit"),
    ({"insured_limit": "1.001"}, "insured_limit"),
    ({"deductible": "-1"}, "deductible"),
    ({"currency": "XXQ"}, "currency"),
    ({"valid_until": "2020-01-01"}, "body"),
    ({"valid_from": "0001-01-01"}, "valid_from"),
    ({"notify_overdue_after_days": 99999}, "notify_overdue_after_days"),
    ({"insurer": ""}, "insurer"),
    ({"bonus": 1}, "bonus"),
]


async def test_terms_that_cannot_be_are_refused_with_their_field(desk: CreditDesk) -> None:
    for changes, field in WRONG:
        answer = await insure(desk, **changes)

        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_who_may_do_what(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await insure(desk)
    await desk.check("C-1", "SO-1", "600.00")
    [alarm] = await alarms(desk)
    path = "/v1/customers/C-1/credit-insurance"

    for role in ("erp", "collector", "ar_specialist", "controller", "dispute_coordinator"):
        assert (await desk.send(role, "GET", path)).status_code == 403
        assert (await desk.send(role, "GET", ALARMS)).status_code == 403
        assert (await insure(desk, role=role)).status_code == 403
        assert (await acknowledge(desk, alarm, role)).status_code == 403
    assert (await insure(desk, role="auditor")).status_code == 403
    assert (await acknowledge(desk, alarm, "auditor")).status_code == 403
    assert (await desk.send("auditor", "GET", path)).status_code == 200


async def test_what_is_not_there_is_said(desk: CreditDesk) -> None:
    assert (await insure(desk, "C-9")).json()["code"] == "customer_not_found"
    await desk.customer("C-1")
    answer = await desk.send("auditor", "GET", "/v1/customers/C-1/credit-insurance")
    assert (answer.status_code, answer.json()["code"]) == (404, "credit_insurance_not_found")
    assert (await acknowledge(desk, {"id": "ial_1"})).json()["code"] == "insurance_alarm_not_found"
