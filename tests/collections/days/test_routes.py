"""A business day's run: once per day, and only by who may."""

from collections_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from tests.collections.books import day
from tests.collections.desk import Desk


async def test_a_day_is_run_once_however_often_it_is_asked_for(desk: Desk) -> None:
    first, second = await desk.run_day(day(1)), await desk.run_day(day(1))

    assert first["id"] == second["id"]
    assert first["id"].startswith("coj_")
    assert first["status"] == "succeeded"
    assert await JobRunner(desk.units, JOB_FUNCTIONS).run_next() is False


async def test_a_day_that_is_run_late_changes_nothing_that_a_later_one_has_decided(desk: Desk) -> None:
    await desk.know_customers("C-1")
    promise = await desk.promise("C-1", "10.00", by=day(5), made_on=str(day(1)))

    await desk.run_day(day(20))
    await desk.run_day(day(6))

    assert await desk.status(promise) == ("broken", "0.00")
    assert await desk.told() == [("promise.made", 1), ("promise.broken", 2)]


async def test_a_collector_does_not_run_days(desk: Desk) -> None:
    assert (await desk.ask("POST", f"/v1/days/{day(1)}/run")).status_code == 403


async def test_a_day_that_does_not_exist_is_refused(desk: Desk) -> None:
    for wrong in ("2026-02-30", "yesterday"):
        answer = await desk.ask("POST", f"/v1/days/{wrong}/run", role="controller")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "date")
