"""The worker role: credit-service's events and jobs."""

from collections.abc import Mapping

from pydantic import SecretStr

from credit_service.bureau_reports.domain.connector import Connector
from credit_service.bureau_reports.jobs import ReportFetch
from credit_service.bureau_reports.use_cases import FETCH
from credit_service.coface.use_cases import CofaceAccess, CofaceConnector
from credit_service.credit_assessments.jobs import assess_customers
from credit_service.credit_assessments.use_cases import ASSESS_CUSTOMERS
from credit_service.credit_policies.use_cases import RECHECK_CLASS
from credit_service.days.jobs import DAY_RUN, run_day
from credit_service.decision_replays.jobs import replay_decisions
from credit_service.decision_replays.use_cases import REPLAY_DECISIONS
from credit_service.dun_and_bradstreet.use_cases import DunAndBradstreetAccess, DunAndBradstreetConnector
from credit_service.exchange_rates.use_cases import CONVERT_WAITING, POOL_RATES
from credit_service.exposure.jobs import convert_waiting
from credit_service.exposure_checks.jobs import ExposureCheck
from credit_service.exposure_checks.use_cases import EXPOSURE_CHECK, Owner
from credit_service.journal.jobs import prove_journals
from credit_service.journal.use_cases import PROVE_JOURNALS
from credit_service.limit_pools.domain import RECHECK_POOL
from credit_service.limit_pools.jobs import take_rates
from credit_service.mass_limit_changes.jobs import apply_mass_change
from credit_service.mass_limit_changes.use_cases import APPLY as APPLY_MASS_CHANGE
from credit_service.policy_simulations.jobs import simulate_policy
from credit_service.policy_simulations.use_cases import SIMULATE_POLICY
from credit_service.releases.jobs import recheck_class, recheck_pool
from credit_service.settings import CreditSettings
from credit_service.subscriptions import SUBSCRIPTIONS
from shared.http.client import ServiceClient
from shared.http.partner import Patience
from shared.http.service_token import ServiceToken
from shared.jobs import JobFunction
from shared.worker import run, run_worker

JOB_FUNCTIONS: dict[str, JobFunction] = {
    ASSESS_CUSTOMERS: assess_customers,
    DAY_RUN: run_day,
    CONVERT_WAITING: convert_waiting,
    POOL_RATES: take_rates,
    PROVE_JOURNALS: prove_journals,
    RECHECK_CLASS: recheck_class,
    RECHECK_POOL: recheck_pool,
    REPLAY_DECISIONS: replay_decisions,
    SIMULATE_POLICY: simulate_policy,
    APPLY_MASS_CHANGE: apply_mass_change,
}


def waiting_job_functions(settings: CreditSettings) -> Mapping[str, JobFunction]:
    """Return what each kind of job does that waits for somebody outside."""
    return {
        FETCH: ReportFetch(connectors(settings), settings.report_vault()),
        EXPOSURE_CHECK: ExposureCheck(owner_of_items(settings)),
    }


def owner_of_items(settings: CreditSettings) -> Owner | None:
    """Return cashapp-service as the worker asks it, None where the worker has no client to ask as."""
    if not settings.oidc_client_id:
        return None
    token = ServiceToken(
        token_url=settings.oidc_token_url,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        clients_file=settings.clients_file,
    )
    client = ServiceClient("cashapp-service", settings.cashapp_url, timeout_seconds=60)
    return Owner(client, token.principal)


def connectors(settings: CreditSettings) -> Mapping[str, Connector]:
    """Return the connectors of the bureaus to which there is access."""
    offers = settings.bureau_offers()
    patience = Patience(settings.bureau_answer_seconds, pause_seconds_max=settings.bureau_pause_seconds_max)
    found: dict[str, Connector] = {}
    if offers["coface"].available:
        coface = CofaceAccess(
            settings.bureau_coface_url,
            settings.bureau_coface_token_url,
            api_key=_told(settings.bureau_coface_api_key),
            username=settings.bureau_coface_username or "",
            password=_told(settings.bureau_coface_password),
            interest=settings.bureau_coface_legitimate_interest,
        )
        found["coface"] = CofaceConnector(coface, patience=patience)
    if offers["dun_bradstreet"].available:
        dun_and_bradstreet = DunAndBradstreetAccess(
            settings.bureau_dun_bradstreet_url,
            key=_told(settings.bureau_dun_bradstreet_key),
            secret=_told(settings.bureau_dun_bradstreet_secret),
        )
        found["dun_bradstreet"] = DunAndBradstreetConnector(dun_and_bradstreet, patience=patience)
    return found


def _told(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def main() -> None:
    """Run the worker role."""
    settings = CreditSettings()
    run(
        run_worker(
            settings,
            service="credit-service",
            subscriptions=SUBSCRIPTIONS,
            job_functions=JOB_FUNCTIONS,
            waiting_job_functions=waiting_job_functions(settings),
        )
    )


if __name__ == "__main__":
    main()
