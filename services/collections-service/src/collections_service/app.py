"""The api role: collections-service over HTTP."""

from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI

from collections_service.activities.routes import router as activities
from collections_service.aging.routes import router as aging
from collections_service.collection_strategies.routes import router as collection_strategies
from collections_service.days.routes import router as days
from collections_service.promises.routes import router as promises
from collections_service.receivables.use_cases import Owners
from collections_service.settings import CollectionsSettings
from collections_service.worklists.routes import router as worklists
from shared.http.app import build_app, serve
from shared.http.client import ServiceClient
from shared.http.jobs import jobs_router
from shared.security import TokenVerifier


def create_app(
    settings: CollectionsSettings,
    *,
    verifier: TokenVerifier | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the app; `verifier` and `transport` stand in for the gateway's keys and for the other services."""

    def start(app: FastAPI, stack: AsyncExitStack) -> None:
        settings: CollectionsSettings = app.state.settings
        transport = app.state.transport
        owners = Owners(
            credit=ServiceClient("credit-service", settings.credit_url, transport=transport),
            cashapp=ServiceClient("cashapp-service", settings.cashapp_url, transport=transport),
        )
        app.state.owners = owners
        stack.push_async_callback(owners.credit.close)
        stack.push_async_callback(owners.cashapp.close)

    return build_app(
        settings,
        title="OpenItem collections-service",
        source="collections-service",
        routers=[worklists, collection_strategies, activities, promises, aging, days, jobs_router()],
        verifier=verifier,
        transport=transport,
        start=start,
    )


def main() -> None:
    """Run the api role."""
    settings = CollectionsSettings()
    serve(create_app(settings), settings, service="collections-service")


if __name__ == "__main__":
    main()
