import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credit_service.authorities.domain import Authority, Decider, Grant
from credit_service.mass_limit_changes import use_cases
from credit_service.mass_limit_changes.domain.change import Change
from credit_service.mass_limit_changes.domain.selection import Selection
from credit_service.mass_limit_changes.domain.states import TooManyAccountsError
from credit_service.mass_limit_changes.use_cases import Asked
from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

PATH = "/v1/limit-mass-changes"


async def ask(desk: CreditDesk, role: str = "credit_analyst", **more: Any) -> httpx.Response:
    body = {"filter": {"risk_class": ["C"]}, "change": {"percent": "10"}, "reason": "spring", "as_of": "2026-03-02"}
    return await desk.send(role, "POST", PATH, json=body | more)


async def decide(
    desk: CreditDesk, previewed: httpx.Response, verb: str = "approve", role: str = "credit_manager"
) -> httpx.Response:
    return await desk.send(role, "POST", f"{PATH}/{previewed.json()['id']}/{verb}")


async def lines(desk: CreditDesk, previewed: httpx.Response, **params: str) -> list[Any]:
    page = await desk.ask("auditor", "GET", f"{PATH}/{previewed.json()['id']}/lines", params=params)
    return list(page["data"])


async def applied(desk: CreditDesk, units: Units, previewed: httpx.Response) -> Any:
    """Approve, have the job done, and return it."""
    job = (await decide(desk, previewed)).json()
    await JobRunner(units, JOB_FUNCTIONS).run_next()
    return await desk.ask("erp", "GET", f"/v1/jobs/{job['id']}")


async def limits(desk: CreditDesk, *customer_ids: str) -> list[str]:
    return [(await desk.credit(customer_id))["credit_limit"] for customer_id in customer_ids]


async def test_a_preview_lists_each_account_and_changes_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="60000.00")
    await desk.customer("C-3", limit=None)
    await desk.limit("C-3", None)

    previewed = await ask(desk)

    assert (previewed.status_code, previewed.json()["status"]) == (201, "previewed")
    assert previewed.json()["totals"] == {
        "matched": 3,
        "planned": 2,
        "unchanged": 0,
        "not_possible": 1,
        "above_authority": {"credit_analyst": 1, "credit_manager": 0},
        "currencies": [
            {
                "currency": "EUR",
                "accounts": 2,
                "raised": 2,
                "lowered": 0,
                "old_total": "61000.00",
                "new_total": "67100.00",
                "largest": "66000.00",
            }
        ],
    }
    told = [
        (one["customer_id"], one["old"]["credit_limit"], one["new"]["credit_limit"], one["status"])
        for one in await lines(desk, previewed)
    ]
    assert told == [
        ("C-1", "1000.00", "1100.00", "planned"),
        ("C-2", "60000.00", "66000.00", "planned"),
        ("C-3", None, None, "not_possible"),
    ]
    assert [one["customer_id"] for one in await lines(desk, previewed, above_authority_of="credit_analyst")] == ["C-2"]
    assert await limits(desk, "C-1", "C-2") == ["1000.00", "60000.00"]


async def test_an_approved_change_alters_each_account_once_with_its_line(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="2000.00")
    previewed = await ask(desk, change={"percent": "10", "risk_class": "B", "review_on": "2026-09-01"})

    job = await applied(desk, units, previewed)

    assert (job["status"], job["result"]) == ("succeeded", {"applied": 2, "changed_since": 0, "not_possible": 0})
    assert await limits(desk, "C-1", "C-2") == ["1100.00", "2200.00"]
    credit = await desk.credit("C-1")
    assert (credit["risk_class"], credit["next_review_on"], credit["version"]) == ("B", "2026-09-01", 2)
    (line, _) = (await desk.ask("auditor", "GET", "/v1/customers/C-1/limit-changes"))["data"]
    assert (line["requested_by"], line["approved_by"], line["reason"], line["request_id"]) == (
        "credit_analyst",
        "credit_manager",
        "spring",
        previewed.json()["id"],
    )
    assert (await desk.ask("auditor", "GET", f"{PATH}/{previewed.json()['id']}"))["status"] == "applied"


async def test_an_account_that_was_changed_since_is_reported_and_left_alone(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="2000.00")
    previewed = await ask(desk)
    await desk.limit("C-1", "500.00")

    job = await applied(desk, units, previewed)

    assert job["result"] == {"applied": 1, "changed_since": 1, "not_possible": 0}
    assert [error["customer_id"] for error in job["errors"]] == ["C-1"]
    assert await limits(desk, "C-1", "C-2") == ["500.00", "2200.00"]


async def test_orders_and_payments_meanwhile_do_not_matter(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    previewed = await ask(desk)
    await desk.check("C-1", "SO-1", "1050.00")

    await applied(desk, units, previewed)

    assert await limits(desk, "C-1") == ["1100.00"]
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_a_job_taken_over_applies_only_what_is_left(desk: CreditDesk, units: Units) -> None:
    for customer_id in ("C-1", "C-2", "C-3"):
        await desk.customer(customer_id, limit="1000.00")
    previewed = await ask(desk)
    job = (await decide(desk, previewed)).json()
    async with units.begin() as first_worker:  # which dies behind its first step
        assert await use_cases.apply_next(first_worker, previewed.json()["id"], most=1) == 1

    await JobRunner(units, JOB_FUNCTIONS).run_next()

    assert (await desk.ask("erp", "GET", f"/v1/jobs/{job['id']}"))["result"]["applied"] == 3
    assert [(await desk.credit(one))["version"] for one in ("C-1", "C-2", "C-3")] == [2, 2, 2]


async def test_two_workers_at_once_apply_each_line_once(desk: CreditDesk, units: Units) -> None:
    for customer_id in ("C-1", "C-2", "C-3"):
        await desk.customer(customer_id, limit="1000.00")
    previewed = await ask(desk)
    await decide(desk, previewed)

    async def work() -> int:
        async with units.begin() as uow:
            return await use_cases.apply_next(uow, previewed.json()["id"])

    assert sorted(await asyncio.gather(work(), work(), work())) == [0, 0, 3]
    assert [(await desk.credit(one))["version"] for one in ("C-1", "C-2", "C-3")] == [2, 2, 2]


async def test_a_change_of_the_review_day_alone_is_no_new_version(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")

    await applied(desk, units, await ask(desk, change={"review_on": "2026-06-01"}))

    credit = await desk.credit("C-1")
    assert (credit["next_review_on"], credit["version"]) == ("2026-06-01", 1)
    async with units.read() as session:
        kinds = (await session.execute(text("select kind from journal_entries order by position"))).scalars()
        assert list(kinds)[-1] == "review.scheduled"


async def test_nobody_approves_his_own(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    previewed = await ask(desk, "credit_manager")

    own, another = await decide(desk, previewed), await decide(desk, previewed, role="credit_manager_2")

    assert (own.status_code, own.json()["code"], another.status_code) == (403, "four_eyes", 202)


async def test_the_largest_raised_limit_has_to_be_inside_the_authority(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000000.00")
    await desk.customer("C-2", limit="10.00")

    raised = await decide(desk, await ask(desk))
    lowered = await decide(desk, await ask(desk, change={"percent": "-1"}))

    assert (raised.status_code, raised.json()["code"], lowered.status_code) == (403, "authority_exceeded", 202)


async def test_who_may_not_approve_limits_approves_no_mass_change(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    previewed = await ask(desk)

    for role in ("credit_analyst_2", "collector", "auditor"):
        assert (await decide(desk, previewed, role=role)).status_code == 403


async def test_of_decisions_at_once_one_counts(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    previewed = await ask(desk)

    answers = await asyncio.gather(
        decide(desk, previewed),
        decide(desk, previewed, role="credit_manager_2"),
        decide(desk, previewed, "reject"),
        decide(desk, previewed, "withdraw", "credit_analyst"),
    )

    assert sorted(answer.status_code for answer in answers)[1:] == [409, 409, 409]
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"mass_change_decided"}


async def test_only_who_previewed_withdraws(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    previewed = await ask(desk)

    another = await decide(desk, previewed, "withdraw", "credit_analyst_2")
    own = await decide(desk, previewed, "withdraw", "credit_analyst")

    assert (another.json()["code"], own.json()["status"]) == ("not_your_mass_change", "withdrawn")


async def test_accounts_are_chosen_by_every_criterion(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00", credit_analyst="ana", country="FR")
    await desk.customer("C-2", limit="1000.00", credit_analyst="ana")
    await desk.customer("C-3", limit="1000.00", currency="USD")
    await desk.check("C-2", "SO-1", "600.00")
    review = {"outcome": "confirmed", "note": "ok", "reviewed_on": "2026-02-01"}
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/reviews", json=review)

    async def chosen(**criteria: Any) -> list[str]:
        previewed = await ask(desk, filter=criteria)
        return [one["customer_id"] for one in await lines(desk, previewed)] if previewed.is_success else []

    assert await chosen(analyst="ana") == ["C-1", "C-2"]
    assert await chosen(analyst="ana", country="FR") == ["C-1"]
    assert await chosen(currency="USD") == ["C-3"]
    assert await chosen(customer_ids=["C-2", "C-3", "nobody"]) == ["C-2", "C-3"]
    assert await chosen(utilisation_above="0.5") == ["C-2"]
    assert await chosen(not_reviewed_since="2026-02-01") == ["C-2", "C-3"]
    assert await chosen(not_reviewed_since="2026-02-02") == ["C-1", "C-2", "C-3"]
    assert await chosen(risk_class=["A", "B"]) == []


async def test_an_amount_changes_accounts_in_its_currency_only(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="1000.00", currency="USD")

    previewed = await ask(desk, change={"amount": "-100.00", "currency": "USD"})

    assert [(one["customer_id"], one["new"]["credit_limit"]) for one in await lines(desk, previewed)] == [
        ("C-2", "900.00")
    ]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"filter": {}}, "filter"),
    ({"filter": {"risk_class": ["A"]}}, "filter"),
    ({"filter": {"risk_class": ["F"]}}, "filter.risk_class.0"),
    ({"filter": {"currency": "EUR"}, "change": {"amount": "1", "currency": "USD"}}, "change.currency"),
    ({"change": {}}, "change"),
    ({"change": {"percent": "-101"}}, "change.percent"),
    ({"change": {"percent": "NaN"}}, "change.percent"),
    ({"change": {"percent": "1e5"}}, "change.percent"),
    ({"change": {"limit": "-1.00", "currency": "EUR"}}, "change.limit"),
    ({"change": {"percent": "1", "rounding": {"to": "0"}}}, "change.rounding.to"),
    ({"reason": ""}, "reason"),
]


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    for content, field in MISTAKES:
        answer = await ask(desk, **content)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field], content


async def test_what_does_not_exist_is_404(desk: CreditDesk) -> None:
    answers = [
        await desk.send("auditor", "GET", f"{PATH}/mlc_0"),
        await desk.send("auditor", "GET", f"{PATH}/mlc_0/lines"),
        await desk.send("credit_manager", "POST", f"{PATH}/mlc_0/approve"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_sums_of_the_largest_limits_are_told(desk: CreditDesk) -> None:
    for customer_id in ("C-1", "C-2"):
        await desk.customer(customer_id, limit=None)
        await desk.limit(customer_id, None)
    most = "999999999999999.99"

    previewed = await ask(desk, change={"limit": most, "currency": "EUR"})

    assert previewed.json()["totals"]["currencies"][0]["new_total"] == "1999999999999999.98"
    assert previewed.json()["totals"]["currencies"][0]["lowered"] == 2


async def test_more_accounts_than_are_changed_at_once_are_refused(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="1000.00")
    asked = Asked(Selection(risk_classes=("C",)), Change(percent=Decimal(10)), "spring", date(2026, 3, 2), {}, {})

    async with units.begin() as uow:
        with pytest.raises(TooManyAccountsError):
            await use_cases.preview(uow, asked, by="ana", roles={}, most=1)
        assert (await use_cases.preview(uow, asked, by="ana", roles={}, most=2)).totals["planned"] == 2


async def test_another_class_for_accounts_without_credit_needs_no_unlimited_authority(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1", limit="0.00")
    previewed = await ask(desk, change={"risk_class": "B"})
    decider = Decider("credit_manager", Authority("EUR", (Grant(Decimal(1)),)))

    async with units.begin() as uow:
        await use_cases.approve(uow, previewed.json()["id"], by=decider, note=None, expected_version=None)

    assert (await desk.ask("auditor", "GET", f"{PATH}/{previewed.json()['id']}"))["status"] == "approved"
