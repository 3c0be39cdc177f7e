"""The worker role: dispute-service's events and jobs."""

from dispute_service.disputes.jobs import DAY_RUN, run_day
from dispute_service.settings import DisputeSettings
from dispute_service.subscriptions import SUBSCRIPTIONS
from shared.jobs import JobFunction
from shared.worker import run, run_worker

JOB_FUNCTIONS: dict[str, JobFunction] = {DAY_RUN: run_day}


def main() -> None:
    """Run the worker role."""
    run(
        run_worker(
            DisputeSettings(), service="dispute-service", subscriptions=SUBSCRIPTIONS, job_functions=JOB_FUNCTIONS
        )
    )


if __name__ == "__main__":
    main()
