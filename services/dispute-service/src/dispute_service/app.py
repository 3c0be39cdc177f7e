"""The api role: dispute-service over HTTP."""

from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI

from dispute_service.disputes.routes import router as disputes
from dispute_service.settings import DisputeSettings
from shared.http.app import build_app, serve
from shared.http.client import ServiceClient
from shared.http.jobs import jobs_router
from shared.security import TokenVerifier


def create_app(
    settings: DisputeSettings,
    *,
    verifier: TokenVerifier | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the app; `verifier` and `transport` stand in for the gateway's keys and for cashapp-service."""

    def start(app: FastAPI, stack: AsyncExitStack) -> None:
        settings: DisputeSettings = app.state.settings
        app.state.cashapp = ServiceClient("cashapp-service", settings.cashapp_url, transport=app.state.transport)
        stack.push_async_callback(app.state.cashapp.close)

    return build_app(
        settings,
        title="OpenItem dispute-service",
        source="dispute-service",
        routers=[disputes, jobs_router()],
        verifier=verifier,
        transport=transport,
        start=start,
    )


def main() -> None:
    """Run the api role."""
    settings = DisputeSettings()
    serve(create_app(settings), settings, service="dispute-service")


if __name__ == "__main__":
    main()
