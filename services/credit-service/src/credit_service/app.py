"""The api role: credit-service over HTTP."""

from fastapi import FastAPI
from shared.http.app import build_app, serve
from shared.security import TokenVerifier

from credit_service.customers.routes import router as customers
from credit_service.settings import CreditSettings


def create_app(settings: CreditSettings, *, verifier: TokenVerifier | None = None) -> FastAPI:
    """Return the app; `verifier` stands in for one that asks the gateway for its keys."""
    return build_app(
        settings, title="OpenItem credit-service", source="credit-service", routers=[customers], verifier=verifier
    )


def main() -> None:
    """Run the api role."""
    settings = CreditSettings()
    serve(create_app(settings), settings, service="credit-service")


if __name__ == "__main__":
    main()
