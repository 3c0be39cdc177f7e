"""credit-service with the stand-in bureaus, asked over real HTTP."""

import base64
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from credit_service.worker import waiting_job_functions
from openitem.stand_ins.command import environment
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.support.bureaus import Bureau, running_bureau
from tests.support.services import app_of, serving

KEY = base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
async def bureau() -> AsyncIterator[Bureau]:
    """The stand-in bureaus on a port of their own."""
    async with running_bureau() as bureau:
        yield bureau


@pytest.fixture
def settings(credit_database: str, bureau: Bureau) -> CreditSettings:
    """Settings that point to the stand-ins, with little patience."""
    access = {name.removeprefix("OPENITEM_").lower(): value for name, value in environment(bureau.port).items()}
    values: dict[str, Any] = access | {
        "report_key": KEY,
        "bureau_answer_seconds": 2,
        "bureau_pause_seconds_max": 0.02,
        "bureau_terms": {
            "coface": {"cost": "25.00", "currency": "EUR", "monthly_cap": "100.00", "fresh_days": 90},
            "dun_bradstreet": {"cost": "40.00", "currency": "USD", "monthly_cap": "100.00", "fresh_days": 30},
        },
    }
    return CreditSettings(profile="local", database_url=credit_database, **values)


@pytest.fixture
async def credit(settings: CreditSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP."""
    with app_of(create_app, settings) as app:
        async with serving(app) as client:
            yield client


@pytest.fixture
async def units(credit_database: str) -> AsyncIterator[Units]:
    """Units of work on this test's database, at the time of the bureaus."""
    units = Units.connect(credit_database, source="credit-service")
    yield units
    await units.close()


class BureauDesk(CreditDesk):
    """Orders reports, and has the worker fetch them."""

    def __init__(self, http: httpx.AsyncClient, runner: JobRunner) -> None:
        super().__init__(http)
        self.runner = runner

    async def order_report(
        self, customer_id: str, provider: str = "coface", role: str = "credit_analyst", **more: Any
    ) -> httpx.Response:
        """Order a report and return the answer as it is."""
        body = {"provider": provider} | more
        return await self.send(role, "POST", f"/v1/customers/{customer_id}/bureau-reports", json=body)

    async def job(self, job_id: str) -> Any:
        """Return a job."""
        return await self.ask("credit_analyst", "GET", f"/v1/jobs/{job_id}")

    async def fetched(self, customer_id: str, provider: str = "coface", **more: Any) -> Any:
        """Order a report, have it fetched and return the job as it ended."""
        answer = await self.order_report(customer_id, provider, **more)
        assert answer.status_code == 202, answer.text
        await self.runner.run_next()
        return await self.job(answer.json()["id"])

    async def reports(self, customer_id: str) -> Any:
        """Return a customer's reports."""
        page = await self.ask("auditor", "GET", f"/v1/customers/{customer_id}/bureau-reports")
        return page["data"]

    async def report(self, customer_id: str, report_id: str, role: str = "auditor") -> Any:
        """Return one report with its figures."""
        return await self.ask(role, "GET", f"/v1/customers/{customer_id}/bureau-reports/{report_id}")

    async def purchases(self, **params: Any) -> Any:
        """Return what was ordered, the newest first."""
        return (await self.ask("auditor", "GET", "/v1/bureau-purchases", params=params))["data"]


@pytest.fixture
async def runner(settings: CreditSettings, units: Units) -> JobRunner:
    """A worker's runner of the jobs that wait for somebody outside."""
    return JobRunner(units, waiting_job_functions(settings))


@pytest.fixture
async def desk(credit: httpx.AsyncClient, runner: JobRunner) -> BureauDesk:
    """The service in a few verbs, with the customer C-1."""
    desk = BureauDesk(credit, runner)
    await desk.customer("C-1")
    return desk
