"""credit-service with one route more: it validates and echoes the body of a credit check, without caller, rules or database.

Run as a process of its own by `bench.credit_check`, with the key that signs the run's tokens in `BENCH_JWKS`.
"""

import os

import jwt
from fastapi import FastAPI

from credit_service.app import create_app
from credit_service.credit_checks.schemas import CreditCheckBody
from credit_service.settings import CreditSettings
from shared.http.app import serve
from shared.security import TokenVerifier

ECHO = "/bench/echo"


def with_echo(settings: CreditSettings) -> FastAPI:
    """Return the app of the api role with the echo."""
    keys = jwt.PyJWKSet.from_json(os.environ["BENCH_JWKS"])
    verifier = TokenVerifier(jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.audience, keys=keys)
    app = create_app(settings, verifier=verifier)

    @app.post(ECHO, status_code=201)
    async def echo(body: CreditCheckBody) -> CreditCheckBody:
        """Give back what was sent."""
        return body

    # First, because routes are tried one after the other: the echo is not to pay for those before it.
    app.router.routes.insert(0, app.router.routes.pop())
    return app


if __name__ == "__main__":
    SETTINGS = CreditSettings()
    serve(with_echo(SETTINGS), SETTINGS, service="credit-service")
