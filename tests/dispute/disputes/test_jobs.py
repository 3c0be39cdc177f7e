import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dispute_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from tests.dispute.desk import Desk
from tests.dispute.ledger import Ledger
from tests.support.services import bearer


@pytest.fixture
async def run(desk: Desk) -> AsyncIterator[Any]:
    """Run a business day to its end and return its job."""
    runner = asyncio.create_task(JobRunner(desk.units, JOB_FUNCTIONS).run())

    async def run_day(day: str) -> dict[str, Any]:
        job: dict[str, Any] = (await desk.post(f"/days/{day}/run", role="erp")).json()
        while job["status"] in ("queued", "running"):
            await asyncio.sleep(0.05)
            job = (await desk.service.get(f"/v1/jobs/{job['id']}", headers=bearer("erp"))).json()
        return job

    yield run_day
    runner.cancel()
    await asyncio.wait([runner])


async def test_a_case_is_not_late_on_its_day(desk: Desk, ledger: Ledger, run: Any) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))

    job = await run("2026-03-12")

    assert (job["status"], job["result"]) == ("succeeded", {"date": "2026-03-12", "escalated": 0})
    assert (await desk.case(dispute_id))["status"] == "new"


async def test_a_late_case_is_escalated_once(desk: Desk, ledger: Ledger, run: Any) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))

    first, again, next_day = [await run(day) for day in ("2026-03-13", "2026-03-13", "2026-03-14")]

    assert first["id"] == again["id"]
    assert (first["result"]["escalated"], next_day["result"]["escalated"]) == (1, 0)
    assert (await desk.case(dispute_id))["status"] == "escalated"
    assert await desk.told() == [("dispute.opened", 1, "new"), ("dispute.escalated", 2, "escalated")]


async def test_a_decided_case_is_not_late(desk: Desk, ledger: Ledger, run: Any) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.resolve(dispute_id)

    assert (await run("2027-01-01"))["result"]["escalated"] == 0
    assert (await desk.case(dispute_id))["status"] == "resolved"


async def test_the_day_is_run_by_whom_it_is_allowed(desk: Desk) -> None:
    assert (await desk.post("/days/2026-03-13/run", role="collector")).status_code == 403
    assert (await desk.post("/days/2026-02-30/run", role="erp")).status_code == 422
