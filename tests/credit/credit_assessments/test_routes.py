import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from credit_service.app import create_app
from credit_service.scorecards.domain.default import DEFAULT
from credit_service.settings import CreditSettings
from credit_service.subscriptions import SUBSCRIPTIONS
from shared.events.cashapp import ItemPosted
from shared.unit_of_work import Units
from tests.credit.desk import DAY, CreditDesk
from tests.credit.ledger import invoice
from tests.support.services import app_of, serving

PATH = "/v1/credit-assessments"
GOOD: dict[str, Any] = {
    "period_end": "2025-12-31",
    "currency": "EUR",
    "units": "ones",
    "source": "annual report 2025",
    "figures": {
        "total_assets": "1000000.00",
        "fixed_assets": "400000.00",
        "current_assets": "600000.00",
        "inventories": "150000.00",
        "receivables": "250000.00",
        "equity": "500000.00",
        "share_capital": "100000.00",
        "retained_earnings": "300000.00",
        "total_liabilities": "500000.00",
        "current_liabilities": "200000.00",
        "long_term_liabilities": "300000.00",
        "revenue": "2000000.00",
        "prior_revenue": "1800000.00",
        "profit_on_sales": "150000.00",
        "operating_profit": "140000.00",
        "ebit": "140000.00",
        "financial_expenses": "20000.00",
        "profit_before_tax": "120000.00",
        "net_profit": "90000.00",
    },
}
INSURANCE: dict[str, Any] = {
    "insurer": "Atradius",
    "policy_number": "P-1",
    "currency": "EUR",
    "insured_limit": "4000.00",
    "covered_pct": "90",
    "deductible": "50.00",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "notify_overdue_after_days": 60,
    "notify_within_days": 10,
}
REPORT: dict[str, Any] = {
    "provider": "file",
    "report": {
        "format": "csv",
        "content": "bureau,report_date,score,score_worst,score_best,recommended_limit,currency\n"
        "Creditreform,2026-02-27,150,600,100,3500,EUR\n",
    },
}
CONTENT: dict[str, Any] = DEFAULT.model_dump(mode="json")
LAW = text("select kind, old, new from journal_entries where subject = :subject order by position")


async def assess(desk: CreditDesk, customer_id: str = "C-1", role: str = "credit_analyst", **changes: Any) -> Any:
    return await desk.send(role, "POST", PATH, json={"customer_id": customer_id, "as_of": DAY} | changes)


async def pay(units: Units, customer_id: str, *, days_late: int, items: int = 4, amount: str = "1000.00") -> None:
    """Have a customer's invoices paid so many days late."""
    day = date.fromisoformat(DAY)
    events = []
    for number in range(items):
        due = day - timedelta(120 + 20 * number)
        one = invoice(f"{customer_id}-{number}", customer_id, amount, due_date=due)
        for event in (one.event(), one.now("0").event(day=due + timedelta(days_late), kind="payment")):
            state = event.item.model_copy(update={"issue_date": due - timedelta(30)})
            events.append(event.model_copy(update={"item": state}))
    async with units.begin() as uow:
        await SUBSCRIPTIONS[ItemPosted].handler(uow, events)  # type: ignore[attr-defined]


async def put_scorecard(desk: CreditDesk, **changes: Any) -> None:
    await desk.ask("credit_manager", "PUT", "/v1/scorecards/default", json=CONTENT | changes)


async def test_an_assessment_tells_score_class_limit_and_terms_with_what_moved_them(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=0)
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/financial-statements", json=GOOD)

    answer = await assess(desk)

    told = answer.json()
    assert answer.status_code == 201
    assert (told["risk_class"], told["scorecard_version"], told["applied"]) == ("A", 1, True)
    assert told["recommended_limit"] == "986.30"
    assert told["chosen_method"] == "purchases"
    assert (told["recommended_terms"], told["next_review_on"]) == ("net 60", "2027-03-02")
    factors = {one["factor"]: one for one in told["factors"]}
    assert factors["share_late"] == {
        "factor": "share_late",
        "value": "0.0000",
        "bin": "up to 0.05",
        "points": 100,
        "weight": 110,
        "source": "4 items of 365 days",
        "missing": None,
    }
    assert (factors["interest_cover"]["value"], factors["interest_cover"]["source"]) == (
        "7.000000",
        "annual report 2025, 2025-12-31",
    )
    assert (factors["bureau_score"]["points"], factors["bureau_score"]["missing"]) == (None, "no bureau report")
    assert told["inputs"]["statement"]["figures"]["equity"] == "500000.00"


async def test_score_class_and_review_date_are_the_account_s_at_once(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    before = await desk.credit("C-1")
    await pay(units, "C-1", days_late=0)

    told = (await assess(desk)).json()

    credit = await desk.credit("C-1")
    assert (credit["score"], credit["risk_class"], credit["next_review_on"]) == (
        told["score"],
        told["risk_class"],
        told["next_review_on"],
    )
    assert credit["version"] == before["version"] + 1
    assert credit["credit_limit"] == before["credit_limit"]
    async with units.read() as session:
        (entry,) = (await session.execute(LAW, {"subject": told["id"]})).all()
        event = await session.scalar(
            text("select body from outbox where type = 'credit.limit_changed' order by position desc limit 1")
        )
    assert entry.kind == "credit_assessment.applied"
    assert entry.old == {"score": None, "risk_class": "C", "next_review_on": before["next_review_on"]}
    assert entry.new["risk_class"] == told["risk_class"]
    assert json.loads(event)["data"]["risk_class"] == told["risk_class"]


async def test_an_order_held_for_its_class_goes_when_the_class_is_better(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    strict = {"rules": [{"rule": "max_document_value", "max_amount": "10.00"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=strict)
    held = (await desk.check("C-1", "SO-1", "50.00")).json()
    await pay(units, "C-1", days_late=0)

    await assess(desk)

    assert held["decision"] == "held"
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_a_dry_run_stores_and_changes_nothing(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=0)
    before = await desk.credit("C-1")

    answer = await assess(desk, dry_run=True)

    assert (answer.status_code, answer.json()["id"], answer.json()["applied"]) == (200, None, False)
    assert await desk.credit("C-1") == before
    assert (await desk.ask("auditor", "GET", PATH, params={"customer_id": "C-1"}))["data"] == []


async def test_financials_in_the_request_stand_for_this_assessment_alone(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    told = (await assess(desk, financials=GOOD)).json()

    assert told["inputs"]["statement"]["statement_id"] is None
    assert (await desk.ask("auditor", "GET", "/v1/customers/C-1/financial-statements"))["data"] == []


async def test_an_earlier_day_assessed_later_is_filed_and_not_taken_over(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=0)
    now = (await assess(desk)).json()

    late = (await assess(desk, as_of="2026-02-01")).json()
    same_day = (await assess(desk)).json()

    assert [one["applied"] for one in (now, late, same_day)] == [True, False, True]
    assert (await desk.credit("C-1"))["next_review_on"] == now["next_review_on"]


async def test_an_assessment_that_changes_nothing_is_no_new_version(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=0)
    await assess(desk)
    before = await desk.credit("C-1")

    await assess(desk)

    assert await desk.credit("C-1") == before


async def test_a_replay_comes_to_the_same_whatever_has_changed_since(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=40)
    made = (await assess(desk)).json()
    await pay(units, "C-1", days_late=0, items=12)
    await put_scorecard(desk, items_min=7)

    replay = await desk.ask("auditor", "POST", f"{PATH}/{made['id']}/replay")
    afresh = (await assess(desk)).json()

    assert replay["identical"] is True
    assert (replay["outcome"]["score"], replay["outcome"]["factors"]) == (made["score"], made["factors"])
    assert (afresh["scorecard_version"], afresh["score"] != made["score"]) == (2, True)


async def test_a_scorecard_may_refuse_to_assess_without_a_fact(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    factors = [
        one | {"missing": {"handling": "refuse"}} if one["factor"] == "bureau_score" else one
        for one in CONTENT["factors"]
    ]
    await put_scorecard(desk, factors=factors)

    answer = await assess(desk)

    assert (answer.status_code, answer.json()["code"]) == (422, "fact_missing")
    assert answer.json()["errors"][0]["field"] == "bureau_score"


async def test_the_same_key_is_one_assessment(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [
        await desk.send(
            "credit_analyst",
            "POST",
            PATH,
            json={"customer_id": "C-1", "as_of": DAY},
            headers={"Idempotency-Key": "k-1"},
        )
        for _ in range(2)
    ]

    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_two_at_once_are_both_filed_and_the_account_has_one_of_them(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=10)

    answers = await asyncio.gather(assess(desk), assess(desk), assess(desk, as_of="2026-03-03"))

    assert {answer.status_code for answer in answers} == {201}
    latest = answers[2].json()
    assert (await desk.credit("C-1"))["next_review_on"] == latest["next_review_on"]
    assert len((await desk.ask("auditor", "GET", PATH, params={"customer_id": "C-1"}))["data"]) == 3


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"customer_id": "C-9"}, "customer_id"),
    ({"customer_id": ""}, "customer_id"),
    ({"as_of": "2026-02-30"}, "as_of"),
    ({"as_of": "9999-01-01"}, "as_of"),
    ({"method": "guess"}, "method"),
    ({"financials": GOOD | {"figures": {}}}, "figures"),
    ({"financials": GOOD | {"figures": {"total_assets": "NaN"}}}, "financials.figures.total_assets"),
    ({"expected_purchases": "5.00", "currency": "USD"}, "currency"),
    ({"expected_purchases": "5.001", "currency": "EUR"}, "expected_purchases"),
    ({"expected_purchases": "-5.00", "currency": "EUR"}, "expected_purchases"),
    ({"scorecard_id": "../x"}, "scorecard_id"),
    ({"colour": "red"}, "colour"),
]


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await assess(desk, **changes) for changes, _ in MISTAKES]

    assert {answer.status_code for answer in answers} == {422}
    named = [[error["field"] for error in answer.json()["errors"]] for answer in answers]
    assert named == [[field] for _, field in MISTAKES]


async def test_absurd_but_well_formed_figures_are_assessed(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    figures = dict.fromkeys(GOOD["figures"], "999999999999999.9999") | {
        "revenue": "0",
        "equity": "-999999999999999.9999",
    }

    answer = await assess(
        desk,
        financials=GOOD | {"units": "millions", "figures": figures},
        expected_purchases="999999999999999.99",
        currency="EUR",
        as_of="2999-12-31",
    )

    assert answer.status_code == 201
    assert answer.json()["next_review_on"] == "2999-12-31"


async def test_an_unknown_assessment_or_scorecard_is_404_and_a_collector_sees_none(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    made = (await assess(desk)).json()["id"]

    assert (await desk.send("auditor", "GET", f"{PATH}/cas_none")).status_code == 404
    assert (await desk.send("auditor", "POST", f"{PATH}/cas_none/replay")).status_code == 404
    assert (await assess(desk, scorecard_id="moon")).status_code == 404
    assert (await desk.send("collector", "GET", f"{PATH}/{made}")).status_code == 403
    assert (await assess(desk, role="collector")).status_code == 403
    assert (await assess(desk, role="auditor")).status_code == 403
    assert (await desk.ask("auditor", "GET", f"{PATH}/{made}"))["id"] == made


async def test_the_list_has_each_assessment_in_short_newest_first(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    first, second = (await assess(desk)).json(), (await assess(desk)).json()

    listed = await desk.ask("auditor", "GET", PATH, params={"customer_id": "C-1"})

    assert [one["id"] for one in listed["data"]] == [second["id"], first["id"]]
    assert listed["data"][0] == {name: second[name] for name in listed["data"][0]}


async def test_the_journal_stays_intact_and_who_read_an_assessment_is_in_it(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=3)
    made = (await assess(desk)).json()
    await desk.ask("auditor", "GET", f"{PATH}/{made['id']}")
    await desk.ask("auditor", "POST", f"{PATH}/{made['id']}/replay")

    proof = await desk.ask("auditor", "GET", "/v1/customers/C-1/credit-file/integrity")
    async with units.read() as session:
        entries = (await session.execute(LAW, {"subject": made["id"]})).all()

    assert proof["intact"] is True
    assert [one.kind for one in entries] == ["credit_assessment.applied", "read", "read"]


@pytest.fixture
async def desk_with_vault(credit_database: str) -> AsyncIterator[CreditDesk]:
    """The service where reports can be kept."""
    key = base64.b64encode(os.urandom(32)).decode()
    settings = CreditSettings(profile="local", database_url=credit_database, report_key=SecretStr(key))
    with app_of(create_app, settings) as app:
        async with serving(app) as client:
            yield CreditDesk(client)


async def test_insurance_and_bureau_are_taken_from_the_credit_file(desk_with_vault: CreditDesk, units: Units) -> None:
    desk = desk_with_vault
    await desk.customer("C-1")
    await pay(units, "C-1", days_late=0, amount="5000.00")
    await desk.ask("credit_analyst", "PUT", "/v1/customers/C-1/credit-insurance", json=INSURANCE)
    filed = await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/bureau-reports", json=REPORT)

    told = (await assess(desk)).json()

    factors = {one["factor"]: one for one in told["factors"]}
    methods = {one["method"]: one for one in told["limit_methods"]}
    assert (factors["bureau_score"]["value"], factors["bureau_score"]["source"]) == ("90", "file, 2026-02-27")
    assert methods["bureau_limit"]["inputs"]["report_id"] == filed["id"]
    assert (methods["bureau_limit"]["amount"], methods["insured_limit"]["amount"]) == ("3500.00", "4000.00")
    assert factors["insured_share"]["value"] == "0.4000"
