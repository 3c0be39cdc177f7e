"""The whole gateway in front of real services."""

from collections.abc import AsyncIterator, Callable

import pytest

from credit_service.app import create_app as create_credit
from credit_service.settings import CreditSettings
from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.gateway.sockets import free_port, listening
from tests.gateway.world import Gateway
from tests.support.services import copied_database, migrated_template

CUSTOMER = {"name": "Nordlicht Handel", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}


@pytest.fixture(scope="module")
def credit_template(database_url_factory: Callable[[str], str]) -> str:
    return migrated_template(database_url_factory, "services/credit-service/migrations")


@pytest.fixture
async def gateway_with_credit(
    settings: Callable[..., GatewaySettings], postgres_url: str, credit_template: str
) -> AsyncIterator[Gateway]:
    """The gateway in front of a real credit-service that verifies the gateway's tokens by its key set."""
    port = free_port()
    with copied_database(postgres_url, credit_template) as database_url:
        credit = CreditSettings(
            profile="local",
            database_url=database_url,
            jwks_url=f"http://127.0.0.1:{port}/.well-known/jwks.json",
        )
        async with listening(create_credit(credit)) as credit_url:
            own = settings(credit_url=credit_url)
            async with listening(create_app(own), port=port) as url, Gateway.at(url, own.data_dir) as gateway:
                yield gateway


async def test_a_client_gets_a_token_and_puts_a_customer_through_the_gateway(gateway_with_credit: Gateway) -> None:
    bearer = await gateway_with_credit.bearer("erp")

    answer = await gateway_with_credit.http.put("/v1/customers/C-1", json=CUSTOMER, headers=bearer)

    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["name"] == "Nordlicht Handel"
