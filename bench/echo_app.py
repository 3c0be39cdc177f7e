"""credit-service with one route more: it validates and echoes the body of a credit check, without caller, rules or database.

Run as a process of its own by `bench.servers.service_on`.
"""

from fastapi import APIRouter, FastAPI

from bench.servers import run_verifier
from credit_service.app import ROUTERS, create_app
from credit_service.credit_checks.schemas import CreditCheckBody
from credit_service.settings import CreditSettings
from shared.http.app import serve

ECHO = "/bench/echo"
router = APIRouter()


@router.post(ECHO, status_code=201)
async def echo(body: CreditCheckBody) -> CreditCheckBody:
    """Give back what was sent."""
    return body


def with_echo(settings: CreditSettings) -> FastAPI:
    """Return the app of the api role with the echo."""
    # Beside the credit check, because routes are tried one after the other: neither is to pay for more than the other.
    ROUTERS.insert(1, router)
    return create_app(settings, verifier=run_verifier(settings))


if __name__ == "__main__":
    SETTINGS = CreditSettings()
    serve(with_echo(SETTINGS), SETTINGS, service="credit-service")
