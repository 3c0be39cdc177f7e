"""The worker role: collections-service's events and jobs."""

from collections_service.days.jobs import DAY_RUN, run_day
from collections_service.settings import CollectionsSettings
from collections_service.subscriptions import SUBSCRIPTIONS
from shared.jobs import JobFunction
from shared.worker import run, run_worker

JOB_FUNCTIONS: dict[str, JobFunction] = {DAY_RUN: run_day}


def main() -> None:
    """Run the worker role."""
    run(
        run_worker(
            CollectionsSettings(),
            service="collections-service",
            subscriptions=SUBSCRIPTIONS,
            job_functions=JOB_FUNCTIONS,
        )
    )


if __name__ == "__main__":
    main()
