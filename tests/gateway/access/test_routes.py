import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from gateway.access.service_tokens import IssuedTokens, NoServiceTokenError
from gateway.access.signing import SigningKey
from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.security import ALGORITHM, ROLE_SCOPES
from tests.gateway.scripted import ROUTES, ScriptedService
from tests.gateway.sockets import listening
from tests.gateway.world import Gateway, local_settings


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[tuple[ScriptedService, str]]:
    scripted = ScriptedService()
    async with listening(scripted) as address:
        yield scripted, address


@pytest.fixture(scope="module")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, service: tuple[ScriptedService, str]
) -> AsyncIterator[Gateway]:
    own = local_settings(tmp_path_factory.mktemp("gateway"), credit_url=service[1])
    async with listening(create_app(own, routes=ROUTES)) as url, Gateway.at(url, own.data_dir) as gateway:
        yield gateway


@pytest.fixture
def own_key(gateway: Gateway) -> SigningKey:
    return SigningKey.kept_in(gateway.data_dir)


async def ask(gateway: Gateway, **form: str) -> httpx.Response:
    return await gateway.http.post("/oauth/token", data={"grant_type": "client_credentials"} | form)


async def test_a_token_says_who_what_and_for_how_long(gateway: Gateway) -> None:
    answer = await ask(gateway, client_id="controller_2", client_secret=gateway.secrets["controller_2"])

    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["Cache-Control"] == "no-store"
    keys = jwt.PyJWKSet.from_dict((await gateway.http.get("/.well-known/jwks.json")).json())
    claims = jwt.decode(given["access_token"], keys.keys[0], [ALGORITHM], audience="openitem", issuer="openitem")
    assert (claims["sub"], claims["roles"]) == ("controller_2", ["controller"])
    assert claims["scope"].split() == given["scope"].split() == sorted(ROLE_SCOPES["controller"])
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 5
    assert jwt.get_unverified_header(given["access_token"])["alg"] == "ES256"


async def test_no_two_tokens_are_the_same(gateway: Gateway) -> None:
    both = [await ask(gateway, client_id="erp", client_secret=gateway.secrets["erp"]) for _ in range(2)]

    assert both[0].json()["access_token"] != both[1].json()["access_token"]


async def test_http_basic_will_do(gateway: Gateway) -> None:
    answer = await gateway.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=("erp", gateway.secrets["erp"])
    )

    assert answer.status_code == 200


async def test_a_client_may_ask_for_fewer_scopes_but_not_for_more(gateway: Gateway) -> None:
    secret = gateway.secrets["auditor"]
    fewer = await ask(gateway, client_id="auditor", client_secret=secret, scope="ledger:read items:read")
    more = await ask(gateway, client_id="auditor", client_secret=secret, scope="ledger:read items:write")

    assert fewer.json()["scope"] == "items:read ledger:read"
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(("client_id", "secret"), [("erp", "wrong"), ("nobody", "wrong"), ("erp", "\u00fc")])
async def test_a_wrong_secret_and_an_unknown_client_are_refused_alike(
    gateway: Gateway, client_id: str, secret: str
) -> None:
    answer = await ask(gateway, client_id=client_id, client_secret=secret)

    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_client", "error_description": "Unknown client or wrong secret."}
    assert "WWW-Authenticate" not in answer.headers


async def test_a_wrong_secret_by_http_basic_is_challenged(gateway: Gateway) -> None:
    answer = await gateway.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("erp", "wrong"))

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="openitem"')


def _signed(gateway_key: SigningKey, **changes: Any) -> str:
    claims = {
        "iss": "openitem",
        "aud": "openitem",
        "sub": "erp",
        "exp": time.time() + 600,
        "roles": ["erp"],
        "scope": "credit:read",
    }
    return gateway_key.sign({name: value for name, value in (claims | changes).items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"iss": "another"},
        {"exp": 1},
        {"exp": None},
        {"aud": None},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_or_no_longer_good_is_refused(
    gateway: Gateway, service: tuple[ScriptedService, str], own_key: SigningKey, changes: dict[str, Any]
) -> None:
    service[0].asked.clear()
    good = await gateway.http.get("/v1/things", headers={"Authorization": f"Bearer {_signed(own_key)}"})
    bad = await gateway.http.get("/v1/things", headers={"Authorization": f"Bearer {_signed(own_key, **changes)}"})

    assert (good.status_code, bad.status_code, bad.json()["code"]) == (200, 401, "invalid_token")
    assert len(service[0].asked) == 1


async def test_forged_tokens_are_refused(gateway: Gateway, own_key: SigningKey) -> None:
    claims = {"iss": "openitem", "aud": "openitem", "sub": "admin", "exp": 4102444800, "scope": "credit:read"}
    public = own_key.key_set()["keys"][0]
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = [
        jwt.encode(claims, "", algorithm="none", headers={"kid": own_key.key_id}),
        jwt.encode(claims, public["x"].encode() * 2, algorithm="HS256", headers={"kid": own_key.key_id}),
        jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": own_key.key_id}),
        jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": "another"}),
        jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": own_key.key_id, "jwk": public}),
        _signed(own_key)[:-4] + "AAAA",
        "a.b.c",
        "\u00fc",
    ]
    answers = [
        await gateway.http.get("/v1/things", headers={b"Authorization": f"Bearer {token}".encode()}) for token in forged
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "invalid_token")}


async def test_in_production_tokens_come_from_the_issuer(
    settings_without_database: Callable[..., GatewaySettings],
) -> None:
    own = settings_without_database(
        profile="production",
        jwks_url="https://issuer.example/keys",
        database_url="postgresql://gateway:secret@127.0.0.1:9/gateway",
        amqp_url="amqp://gateway:secret@127.0.0.1:9/",
    )
    async with listening(create_app(own)) as url, httpx.AsyncClient(base_url=url) as http:
        token = await http.post("/oauth/token", data={"grant_type": "client_credentials"})
        keys = await http.get("/.well-known/jwks.json")

    assert (token.status_code, token.json()["code"]) == (404, "no_tokens_here")
    assert keys.status_code == 404
    assert not list(own.data_dir.iterdir())


def test_in_production_an_issuer_must_be_named(settings_without_database: Callable[..., GatewaySettings]) -> None:
    with pytest.raises(ValidationError, match="OPENITEM_JWKS_URL"):
        settings_without_database(
            profile="production",
            database_url="postgresql://gateway:secret@127.0.0.1:9/gateway",
            amqp_url="amqp://gateway:secret@127.0.0.1:9/",
        )


async def test_the_gateways_own_token_comes_from_the_issuer_and_is_kept_while_it_is_good(gateway: Gateway) -> None:
    tokens = IssuedTokens(
        token_url=f"{gateway.url}/oauth/token", client_id="admin", client_secret=gateway.secrets["admin"]
    )

    assert await tokens.token() == await tokens.token()


async def test_an_issuer_that_refuses_the_gateway_is_told(gateway: Gateway) -> None:
    tokens = IssuedTokens(token_url=f"{gateway.url}/oauth/token", client_id="admin", client_secret="wrong")

    with pytest.raises(NoServiceTokenError):
        await tokens.token()
