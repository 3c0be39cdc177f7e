"""The worker role: relay, consumers and jobs of cashapp-service."""

from collections.abc import Mapping
from functools import partial

from cashapp_service.bank_statements.jobs import IMPORT_BANK_STATEMENT, import_bank_statement
from cashapp_service.closes.jobs import PROVE_BOOKS, prove_books
from cashapp_service.days.jobs import DAY_RUN, run_day
from cashapp_service.settings import CashappSettings
from cashapp_service.small_balances.jobs import SMALL_BALANCES, run_small_balances
from cashapp_service.subscriptions import SUBSCRIPTIONS
from shared.jobs import JobFunction
from shared.worker import run, run_worker


def job_functions(settings: CashappSettings) -> Mapping[str, JobFunction]:
    """Return what the worker does for each kind of job."""
    return {
        IMPORT_BANK_STATEMENT: partial(import_bank_statement, settings=settings),
        DAY_RUN: run_day,
        SMALL_BALANCES: run_small_balances,
        PROVE_BOOKS: prove_books,
    }


def main() -> None:
    """Run the worker role."""
    settings = CashappSettings()
    run(
        run_worker(
            settings,
            service="cashapp-service",
            subscriptions=SUBSCRIPTIONS,
            job_functions=job_functions(settings),
        )
    )


if __name__ == "__main__":
    main()
