"""The api role: cashapp-service over HTTP."""

from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI

from cashapp_service.accounts.routes import router as accounts
from cashapp_service.applications.routes import router as applications
from cashapp_service.bank_accounts.routes import router as bank_accounts
from cashapp_service.bank_statements.routes import router as bank_statements
from cashapp_service.close_packs.routes import router as close_packs
from cashapp_service.closes.routes import router as closes
from cashapp_service.days.routes import router as days
from cashapp_service.document_states.routes import router as document_states
from cashapp_service.documents.routes import router as documents
from cashapp_service.incoming_payments.routes import router as incoming_payments
from cashapp_service.integrity.routes import router as integrity
from cashapp_service.item_details.routes import router as item_details
from cashapp_service.item_histories.routes import router as item_histories
from cashapp_service.items.routes import router as items
from cashapp_service.ledger.routes import router as ledger
from cashapp_service.ledger_exports.routes import router as ledger_exports
from cashapp_service.payers.routes import router as payers
from cashapp_service.payment_exceptions.routes import router as payment_exceptions
from cashapp_service.receipts.routes import router as receipts
from cashapp_service.reconciliations.routes import router as reconciliations
from cashapp_service.recoveries.routes import router as recoveries
from cashapp_service.refunds.routes import router as refunds
from cashapp_service.returns.routes import router as returns
from cashapp_service.settings import CashappSettings
from cashapp_service.small_balances.routes import router as small_balances
from cashapp_service.submissions.routes import router as submissions
from cashapp_service.tolerance_groups.routes import router as tolerance_groups
from cashapp_service.write_offs.routes import router as write_offs
from shared.http.app import build_app, serve
from shared.http.client import ServiceClient
from shared.http.jobs import jobs_router
from shared.security import TokenVerifier

ROUTERS = (
    documents,
    items,
    item_details,
    item_histories,
    submissions,
    incoming_payments,
    applications,
    receipts,
    payers,
    tolerance_groups,
    returns,
    payment_exceptions,
    refunds,
    small_balances,  # before write-offs: its addresses would be taken for ids of those
    write_offs,
    recoveries,
    bank_accounts,
    bank_statements,
    accounts,
    ledger,
    ledger_exports,
    integrity,
    document_states,
    reconciliations,
    closes,
    days,
    close_packs,
)


def create_app(
    settings: CashappSettings,
    *,
    verifier: TokenVerifier | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the app; `verifier` and `transport` stand in for the gateway's keys and for credit-service."""

    def start(app: FastAPI, stack: AsyncExitStack) -> None:
        settings: CashappSettings = app.state.settings
        app.state.credit = ServiceClient("credit-service", settings.credit_url, transport=app.state.transport)
        stack.push_async_callback(app.state.credit.close)

    return build_app(
        settings,
        title="OpenItem cashapp-service",
        source="cashapp-service",
        routers=[*ROUTERS, jobs_router()],
        verifier=verifier,
        transport=transport,
        start=start,
    )


def main() -> None:
    """Run the api role."""
    settings = CashappSettings()
    serve(create_app(settings), settings, service="cashapp-service")


if __name__ == "__main__":
    main()
