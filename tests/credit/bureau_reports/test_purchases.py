"""Reports are bought once while they are fresh, within the cap, and what became of each order can be seen."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from credit_service.bureau_reports.use_cases import collect_waiting
from shared.unit_of_work import Units
from tests.credit.bureau_reports.conftest import BureauDesk
from tests.support.bureaus import Bureau


@pytest.mark.parametrize("provider", ["coface", "dun_bradstreet"])
async def test_an_ordered_report_comes_in_the_normal_form(desk: BureauDesk, bureau: Bureau, provider: str) -> None:
    job = await desk.fetched("C-1", provider)

    assert (job["status"], job["progress"]) == ("succeeded", {"done": 1, "total": 1}), job
    [listed] = await desk.reports("C-1")
    report = await desk.report("C-1", listed["id"])
    assert listed["id"] == job["result"]["report_id"]
    assert 0 <= report["score"] <= 100
    assert report["bureau_score"]["best"] in ("10", "100")
    assert (report["provider"], report["currency"]) == (provider, "EUR" if provider == "coface" else "USD")
    assert report["content"]
    [purchase] = await desk.purchases()
    assert (purchase["status"], purchase["report_id"], bureau.sales) == ("received", report["id"], 1)


async def test_a_fresh_report_is_not_bought_again(desk: BureauDesk, bureau: Bureau) -> None:
    await desk.fetched("C-1")

    again = await desk.order_report("C-1")

    assert (again.status_code, bureau.sales) == (200, 1)
    assert again.json()["score"] is not None


async def test_each_bureau_and_product_is_fresh_for_itself(desk: BureauDesk, bureau: Bureau) -> None:
    await desk.fetched("C-1")

    assert (await desk.fetched("C-1", "dun_bradstreet"))["status"] == "succeeded"
    assert (await desk.fetched("C-1", product="score"))["status"] == "succeeded"
    assert bureau.sales == 3


@pytest.mark.parametrize(("days", "status"), [(90, 200), (91, 202)])
async def test_a_report_is_bought_again_after_its_last_fresh_day(
    desk: BureauDesk, units: Units, days: int, status: int
) -> None:
    assert (await desk.fetched("C-1"))["status"] == "succeeded"
    async with units.begin() as uow:
        await uow.session.execute(text(f"update bureau_reports set obtained_on = current_date - {days}"))

    assert (await desk.order_report("C-1")).status_code == status


async def test_two_who_order_at_once_buy_one_report(desk: BureauDesk, bureau: Bureau) -> None:
    answers = await asyncio.gather(*(desk.order_report("C-1") for _ in range(8)))
    while await desk.runner.run_next():
        pass

    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert (bureau.sales, len(await desk.purchases())) == (1, 1)


async def test_the_cap_of_the_month_holds_however_many_order_at_once(desk: BureauDesk, bureau: Bureau) -> None:
    for number in range(2, 8):
        await desk.customer(f"C-{number}")

    answers = await asyncio.gather(*(desk.order_report(f"C-{number}") for number in range(1, 8)))

    refused = [answer for answer in answers if answer.status_code == 409]
    assert (len(answers) - len(refused), {answer.json()["code"] for answer in refused}) == (4, {"cost_cap_reached"})
    detail = refused[0].json()["detail"]
    assert "100.00 EUR a month" in detail
    assert "100.00 EUR are spent" in detail
    budgets = await desk.ask("auditor", "GET", "/v1/bureau-budgets")
    assert {one["provider"]: one["spent"] for one in budgets["data"]} == {"coface": "100.00", "dun_bradstreet": "0.00"}


async def test_only_a_manager_with_a_reason_buys_above_the_cap(desk: BureauDesk) -> None:
    for number in range(1, 5):
        await desk.customer(f"D-{number}")
        await desk.order_report(f"D-{number}")

    analyst = await desk.order_report("C-1", force=True, reason="needed")
    quiet = await desk.order_report("C-1", role="credit_manager")
    unreasoned = await desk.order_report("C-1", role="credit_manager", force=True)
    reasoned = await desk.order_report("C-1", role="credit_manager", force=True, reason="needed")

    assert [one.status_code for one in (analyst, quiet, unreasoned, reasoned)] == [409, 409, 422, 202]
    assert (await desk.purchases())[0]["reason"] == "needed"


async def test_whoever_wants_a_newer_one_says_why(desk: BureauDesk, bureau: Bureau) -> None:
    await desk.fetched("C-1")

    assert (await desk.order_report("C-1", force=True)).json()["code"] == "reason_required"
    assert (await desk.fetched("C-1", force=True, reason="New owner."))["status"] == "succeeded"
    assert bureau.sales == 2


async def test_what_failed_costs_nothing_and_may_be_ordered_again(desk: BureauDesk, bureau: Bureau) -> None:
    bureau.fail("coface.order", "refused")
    job = await desk.fetched("C-1")

    [purchase] = await desk.purchases()
    assert (job["status"], job["errors"][0]["code"]) == ("failed", "bureau_refused")
    assert (purchase["status"], purchase["charged"], purchase["failure_code"]) == ("failed", False, "bureau_refused")
    assert (await desk.fetched("C-1"))["status"] == "succeeded"
    assert bureau.sales == 1


async def test_a_purchase_of_which_nobody_knows_is_shown_and_not_bought_again_silently(
    desk: BureauDesk, bureau: Bureau
) -> None:
    bureau.fail("dun_bradstreet.data", "hang")

    job = await desk.fetched("C-1", "dun_bradstreet")

    assert (job["status"], job["errors"][0]["code"], bureau.sales) == ("failed", "purchase_uncertain", 1)
    [purchase] = await desk.purchases(status="uncertain")
    assert (purchase["charged"], purchase["id"]) == (True, job["errors"][0]["purchase_id"])
    again = await desk.order_report("C-1", "dun_bradstreet")
    assert (again.status_code, again.json()["code"], bureau.sales) == (409, "purchase_uncertain", 1)
    assert purchase["id"] in again.json()["detail"]
    assert (await desk.fetched("C-1", "dun_bradstreet", force=True, reason="Not billed, they say."))[
        "status"
    ] == "succeeded"


async def test_a_lost_answer_of_coface_is_found_again_by_our_reference(desk: BureauDesk, bureau: Bureau) -> None:
    bureau.fail("coface.order", "hang")

    job = await desk.fetched("C-1")

    assert (job["status"], bureau.sales) == ("succeeded", 1)


async def test_what_was_taken_and_cannot_be_read_is_read_later_without_a_new_order(
    desk: BureauDesk, bureau: Bureau
) -> None:
    bureau.fail("coface.content", "error", times=3)
    job = await desk.fetched("C-1")
    assert (job["status"], job["errors"][0]["code"]) == ("failed", "bureau_report_not_collected")

    assert (await desk.fetched("C-1"))["status"] == "succeeded"

    assert (bureau.sales, [one["status"] for one in await desk.purchases()]) == (1, ["received"])


async def test_what_a_bureau_prepares_is_collected_when_it_is_ready(
    desk: BureauDesk, bureau: Bureau, units: Units
) -> None:
    bureau.fail("coface.order", "preparing")
    bureau.fail("coface.orders", "preparing", times=5)

    job = await desk.fetched("C-1")

    assert (job["status"], job["result"]["status"], job["result"]["report_id"]) == ("succeeded", "ordered", None)
    assert (await desk.fetched("C-1"))["result"]["status"] == "received"
    assert bureau.sales == 1


async def test_the_run_of_the_day_asks_once_for_what_is_still_being_prepared(
    desk: BureauDesk, bureau: Bureau, units: Units
) -> None:
    bureau.fail("coface.order", "preparing")
    bureau.fail("coface.orders", "preparing", times=5)
    await desk.fetched("C-1")

    async def day_run() -> int:
        async with units.begin() as uow:
            return await collect_waiting(uow)

    assert sum(await asyncio.gather(*(day_run() for _ in range(4)))) == 1
    while await desk.runner.run_next():
        pass
    assert ([one["status"] for one in await desk.purchases()], bureau.sales) == (["received"], 1)
    assert await day_run() == 0


@pytest.mark.parametrize("provider", ["coface", "dun_bradstreet"])
async def test_a_token_that_is_not_taken_any_more_is_replaced(desk: BureauDesk, bureau: Bureau, provider: str) -> None:
    await desk.customer("C-2")
    await desk.fetched("C-1", provider)
    given = bureau.books.tokens_given
    bureau.books.tokens.clear()

    assert (await desk.fetched("C-2", provider))["status"] == "succeeded"

    assert (given, bureau.books.tokens_given) == (1, 2)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"provider": "coface", "product": "everything"}, "unknown_product"),
    ({"provider": "equifax"}, "invalid_request"),
    ({"provider": "file"}, "invalid_request"),
    ({"provider": "coface", "report": {"format": "json", "content": "{}"}}, "invalid_request"),
    ({"provider": "dun_bradstreet", "identifiers": {"duns": "12-345-6789"}}, "invalid_request"),
    ({"provider": "dun_bradstreet", "identifiers": {"duns": "../v3/toke"}}, "invalid_request"),
    ({"provider": "coface", "identifiers": {"siren": "1"}}, "invalid_request"),
]


async def test_a_wrong_order_is_refused(desk: BureauDesk) -> None:
    for body, code in WRONG:
        answer = await desk.send("credit_analyst", "POST", "/v1/customers/C-1/bureau-reports", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, code), body


async def test_a_report_of_an_unknown_customer_is_not_bought(desk: BureauDesk) -> None:
    assert (await desk.order_report("C-9")).status_code == 404


OTHERS = ("erp", "collector", "ar_specialist", "controller", "dispute_coordinator")


async def test_only_analysts_and_managers_order(desk: BureauDesk) -> None:
    for role in (*OTHERS, "auditor"):
        assert (await desk.order_report("C-1", role=role)).status_code == 403


async def test_only_who_may_read_the_credit_file_reads_reports(desk: BureauDesk) -> None:
    reports = "/v1/customers/C-1/bureau-reports"
    for path in (reports, f"{reports}/bur_1", "/v1/bureau-purchases", "/v1/bureau-budgets"):
        for role in OTHERS:
            assert (await desk.send(role, "GET", path)).status_code == 403
