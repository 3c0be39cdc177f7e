"""The worker role: credit-service's events and jobs."""

from credit_service.days.jobs import DAY_RUN, run_day
from credit_service.exchange_rates.use_cases import CONVERT_WAITING, POOL_RATES
from credit_service.exposure.jobs import convert_waiting
from credit_service.limit_pools.domain import RECHECK_POOL
from credit_service.limit_pools.jobs import take_rates
from credit_service.releases.jobs import recheck_pool
from credit_service.settings import CreditSettings
from credit_service.subscriptions import SUBSCRIPTIONS
from shared.jobs import JobFunction
from shared.worker import run, run_worker

JOB_FUNCTIONS: dict[str, JobFunction] = {
    DAY_RUN: run_day,
    CONVERT_WAITING: convert_waiting,
    POOL_RATES: take_rates,
    RECHECK_POOL: recheck_pool,
}


def main() -> None:
    """Run the worker role."""
    run(
        run_worker(CreditSettings(), service="credit-service", subscriptions=SUBSCRIPTIONS, job_functions=JOB_FUNCTIONS)
    )


if __name__ == "__main__":
    main()
