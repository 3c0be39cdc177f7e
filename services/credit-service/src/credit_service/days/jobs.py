"""The run of one business day."""

from datetime import date

from credit_service.bureau_reports import use_cases as bureau_reports
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_insurance import use_cases as credit_insurance
from credit_service.guarantees import use_cases as guarantees
from credit_service.limit_requests import use_cases as limit_requests
from credit_service.orders import use_cases as orders
from credit_service.releases import use_cases as releases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

DAY_RUN = "day.run"


async def run_day(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """End the guarantees, increases, limit requests and releases whose time is over, then look again at everything held."""
    day = date.fromisoformat(job.params["date"])
    await orders.forget_empty_days(uow)
    return JobOutcome(
        {
            "date": day.isoformat(),
            "guarantees_ended": await guarantees.end_guarantees(uow, day),
            "limits_fallen_back": await credit_accounts.end_temporary_increases(uow, day),
            "limit_requests_expired": await limit_requests.end_outlived(uow, day),
            "insurance_alarms": await credit_insurance.let_day_pass(uow, day),
            "bureau_reports_asked_for_again": await bureau_reports.collect_waiting(uow),
            "held_again": await releases.end_releases(uow, day),
            "open_holds": await releases.recheck_all(uow, day),
        }
    )
