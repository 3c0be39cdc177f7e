"""A bureau that is slow, wrong or down: an order check never waits for it, and the job says what was wrong."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from credit_service.settings import CreditSettings
from credit_service.worker import waiting_job_functions
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.bureau_reports.conftest import BureauDesk
from tests.support.bureaus import Bureau
from tests.support.messaging import eventually


@pytest.mark.parametrize("provider", ["coface", "dun_bradstreet"])
async def test_an_order_check_does_not_wait_while_a_bureau_hangs(
    desk: BureauDesk, bureau: Bureau, provider: str
) -> None:
    bureau.fail("coface.companies", "hang", times=9)
    bureau.fail("dun_bradstreet.data", "hang", times=9)
    await desk.order_report("C-1", provider)
    fetching = asyncio.create_task(desk.runner.run_next())
    await asyncio.sleep(0.3)
    assert not fetching.done()

    answers = [await desk.check("C-1", f"SO-{number}", "10.00") for number in range(5)]
    limit = await desk.limit("C-1", "2000.00")

    assert not fetching.done()
    assert {answer.json()["decision"] for answer in answers} == {"approved"}
    assert limit["status"] == "approved"
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        await fetching


WRONG = [
    ("coface", "coface.token", "html", "bureau_failed"),
    ("coface", "coface.companies", "truncated", "bureau_failed"),
    ("coface", "coface.content", "html", "bureau_report_not_collected"),
    ("coface", "coface.content", "truncated", "bureau_report_not_collected"),
    ("coface", "coface.content", "wrong_company", "wrong_company"),
    ("coface", "coface.content", "absurd", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.token", "html", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.match", "truncated", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.data", "html", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.data", "truncated", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.data", "wrong_company", "wrong_company"),
    ("dun_bradstreet", "dun_bradstreet.data", "wrong_currency", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.data", "absurd", "bureau_failed"),
    ("dun_bradstreet", "dun_bradstreet.data", "refused", "bureau_refused"),
]


async def test_a_wrong_answer_is_no_report_and_the_job_says_why(desk: BureauDesk, bureau: Bureau) -> None:
    for number, (provider, endpoint, kind, code) in enumerate(WRONG):
        customer_id = f"W-{number}"
        await desk.customer(customer_id, limit=None)
        bureau.books.faults.clear()
        bureau.books.sales.clear()
        bureau.fail(endpoint, kind, times=3)

        job = await desk.fetched(customer_id, provider, role="credit_manager", force=True, reason="test")

        assert (job["status"], job["errors"][0]["code"]) == ("failed", code), (endpoint, kind)
        assert len(job["errors"][0]["detail"]) > 20
        assert await desk.reports(customer_id) == []
        assert bureau.sales <= 1


async def test_what_was_delivered_wrong_counts_as_spent(desk: BureauDesk, bureau: Bureau) -> None:
    bureau.fail("dun_bradstreet.data", "absurd")

    await desk.fetched("C-1", "dun_bradstreet")

    [purchase] = await desk.purchases()
    assert (purchase["status"], purchase["charged"]) == ("failed", True)
    assert "no amount of money" in purchase["failure"]


async def test_a_bureau_that_is_busy_is_asked_again(desk: BureauDesk, bureau: Bureau) -> None:
    bureau.fail("coface.order", "busy", times=2)
    bureau.fail("dun_bradstreet.data", "error", times=2)

    assert (await desk.fetched("C-1", "coface"))["status"] == "succeeded"
    assert (await desk.fetched("C-1", "dun_bradstreet"))["status"] == "succeeded"


@pytest.mark.parametrize("provider", ["coface", "dun_bradstreet"])
async def test_a_company_that_is_not_found_for_sure_is_not_bought(
    desk: BureauDesk, bureau: Bureau, provider: str
) -> None:
    for customer_id, name in (("C-2", "Unknown Ltd"), ("C-3", "Twin Ltd")):
        await desk.customer(customer_id, limit=None, name=name)
        bureau.books.sales.clear()

        job = await desk.fetched(customer_id, provider)

        assert (job["status"], job["errors"][0]["code"]) == ("failed", "company_not_found_at_bureau")
        assert "in identifiers" in job["errors"][0]["detail"]
        assert bureau.sales == 0
        identifiers = {"duns": "804735132", "easy_number": "1"}
        assert (await desk.fetched(customer_id, provider, identifiers=identifiers))["status"] == "succeeded"


async def test_a_bureau_that_is_down_costs_nothing(desk: BureauDesk, settings: CreditSettings, units: Units) -> None:
    down = settings.model_copy(update={"bureau_dun_bradstreet_url": "http://127.0.0.1:9"})
    runner = JobRunner(units, waiting_job_functions(down))
    order = await desk.order_report("C-1", "dun_bradstreet")

    await runner.run_next()

    job = await desk.job(order.json()["id"])
    [purchase] = await desk.purchases()
    assert "cannot be reached" in job["errors"][0]["detail"]
    assert (purchase["status"], purchase["charged"]) == ("failed", False)


@pytest.mark.parametrize(
    ("provider", "endpoint", "outcome", "sales"),
    [
        ("coface", "coface.companies", "received", 1),
        ("coface", "coface.order", "received", 1),
        ("dun_bradstreet", "dun_bradstreet.match", "received", 1),
        ("dun_bradstreet", "dun_bradstreet.data", "uncertain", 1),
    ],
)
async def test_a_worker_that_ends_in_between_leaves_nothing_bought_twice(
    desk: BureauDesk, bureau: Bureau, provider: str, endpoint: str, outcome: str, sales: int
) -> None:
    bureau.fail(endpoint, "hang")
    await desk.order_report("C-1", provider)
    first = asyncio.create_task(desk.runner.run_next())

    async def is_hanging() -> bool:
        return not any(fault.times for fault in bureau.books.faults)

    await eventually(is_hanging)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first

    await desk.runner.run_next()

    [purchase] = await desk.purchases()
    assert (purchase["status"], bureau.sales) == (outcome, sales)


async def test_a_worker_that_dies_after_the_report_was_kept_does_not_buy_it_again(
    desk: BureauDesk, bureau: Bureau, units: Units
) -> None:
    job = await desk.fetched("C-1")
    async with units.begin() as uow:
        await uow.session.execute(text("update jobs set status = 'queued', finished_at = null, result = null"))

    await desk.runner.run_next()

    again = await desk.job(job["id"])
    assert (again["result"], bureau.sales) == (job["result"], 1)


async def test_no_secret_and_no_content_reaches_the_log(
    desk: BureauDesk, bureau: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    for provider in ("coface", "dun_bradstreet"):
        bureau.fail(f"{provider}.token", "busy")
        await desk.fetched("C-1", provider)

    logged = capsys.readouterr()
    for secret in (*bureau.books.tokens, "failureScore", "debtorRiskValue", "Debtor Risk Assessment"):
        assert secret not in logged.out + logged.err
