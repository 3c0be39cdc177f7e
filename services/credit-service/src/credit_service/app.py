"""The api role: credit-service over HTTP."""

from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI

from credit_service.account_blocks.routes import router as account_blocks
from credit_service.attachments.routes import router as attachments
from credit_service.bureau_reports.routes import router as bureau_reports
from credit_service.cancellations.routes import router as cancellations
from credit_service.credit_accounts.routes import router as credit_accounts
from credit_service.credit_assessments.routes import router as credit_assessments
from credit_service.credit_checks.routes import CheckEdge
from credit_service.credit_checks.routes import router as credit_checks
from credit_service.credit_checks.use_cases import CheckDesk
from credit_service.credit_decisions.routes import router as credit_decisions
from credit_service.credit_files.routes import router as credit_files
from credit_service.credit_insurance.routes import router as credit_insurance
from credit_service.credit_policies.routes import router as credit_policies
from credit_service.customers.routes import router as customers
from credit_service.days.routes import router as days
from credit_service.decision_replays.routes import router as decision_replays
from credit_service.deliveries.routes import router as deliveries
from credit_service.exchange_rates.routes import router as exchange_rates
from credit_service.exposure.routes import router as exposure
from credit_service.exposure_checks.routes import router as exposure_checks
from credit_service.exposure_repairs.routes import router as exposure_repairs
from credit_service.financial_statements.routes import router as financial_statements
from credit_service.guarantees.routes import router as guarantees
from credit_service.hold_worklist.routes import router as hold_worklist
from credit_service.journal.routes import router as journal
from credit_service.limit_pools.routes import router as limit_pools
from credit_service.limit_requests.routes import router as limit_requests
from credit_service.manual_holds.routes import router as manual_holds
from credit_service.mass_limit_changes.routes import router as mass_limit_changes
from credit_service.notes.routes import router as notes
from credit_service.orders.routes import router as orders
from credit_service.policy_drafts.routes import router as policy_drafts
from credit_service.policy_simulations.routes import router as policy_simulations
from credit_service.recommendations.routes import router as recommendations
from credit_service.releases.routes import router as releases
from credit_service.reviews.routes import router as reviews
from credit_service.scorecards.routes import router as scorecards
from credit_service.settings import CreditSettings
from shared.http.app import build_app, serve
from shared.http.client import ServiceClient
from shared.http.jobs import jobs_router
from shared.lanes import Lanes
from shared.security import TokenVerifier
from shared.unit_of_work import Units

ROUTERS = [
    credit_checks,  # first, because routes are tried one after the other
    customers,
    credit_files,
    journal,
    notes,
    attachments,
    financial_statements,
    credit_assessments,
    scorecards,
    exposure,
    exposure_checks,
    exposure_repairs,
    guarantees,
    account_blocks,
    limit_pools,
    limit_requests,
    credit_accounts,
    mass_limit_changes,
    reviews,
    recommendations,
    orders,
    cancellations,
    deliveries,
    hold_worklist,
    manual_holds,
    releases,
    credit_decisions,
    decision_replays,
    credit_policies,
    policy_drafts,
    policy_simulations,
    exchange_rates,
    bureau_reports,
    credit_insurance,
    days,
]


def create_app(
    settings: CreditSettings,
    *,
    verifier: TokenVerifier | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the app; `verifier` and `transport` stand in for the gateway's keys and for cashapp-service."""

    def start(app: FastAPI, stack: AsyncExitStack) -> None:
        settings: CreditSettings = app.state.settings
        # Connections of its own: the busiest call waits for nobody else's.
        units = Units.connect(
            settings.database_url,
            source="credit-service",
            clock=app.state.units.clock,
            pool_size=settings.check_pool_size,
            server_settings=CheckDesk.SERVER_SETTINGS,
            pre_ping=False,
        )
        lanes = Lanes(units, most=settings.check_pool_size)
        stack.push_async_callback(lanes.close)
        app.state.check_desk = CheckDesk(lanes)
        stack.push_async_callback(app.state.check_desk.close)
        app.state.cashapp = ServiceClient("cashapp-service", settings.cashapp_url, transport=app.state.transport)
        stack.push_async_callback(app.state.cashapp.close)

    return build_app(
        settings,
        title="OpenItem credit-service",
        source="credit-service",
        routers=[*ROUTERS, jobs_router()],
        verifier=verifier,
        transport=transport,
        start=start,
        edge=CheckEdge,
    )


def main() -> None:
    """Run the api role."""
    settings = CreditSettings()
    serve(create_app(settings), settings, service="credit-service")


if __name__ == "__main__":
    main()
