import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.errors import UnavailableError
from shared.security import ROLE_SCOPES, InsufficientScopeError, InvalidTokenError, TokenVerifier
from tests.support.services import signing_key, token, verifier


async def test_a_valid_token_tells_subject_roles_and_scopes() -> None:
    principal = await verifier().verify(f"Bearer {token('collector', 'anna')}")

    assert (principal.subject, set(principal.roles)) == ("anna", {"collector"})
    assert principal.scopes == ROLE_SCOPES["collector"]


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"aud": "other"}, {"iss": "other"}, {"exp": None}, {"sub": None}, {"nbf": 4102444000}]
)
async def test_a_token_with_a_wrong_or_missing_claim_is_refused(claims: dict[str, object]) -> None:
    content = jwt.decode(token("erp"), options={"verify_signature": False}) | claims
    content = {name: value for name, value in content.items() if value is not None}
    forged = jwt.encode(content, signing_key(), "ES256", headers={"kid": "test"})

    with pytest.raises(InvalidTokenError):
        await verifier().verify(f"Bearer {forged}")


def unsigned() -> str:
    def part(content: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    payload = token("admin").split(".")[1]
    return f"{part({'alg': 'none', 'kid': 'test'})}.{payload}."


@pytest.mark.parametrize(
    "forged",
    [
        unsigned(),
        jwt.encode({"sub": "x"}, "a-secret-that-is-long-enough-for-hs256", "HS256", headers={"kid": "test"}),
        jwt.encode(
            jwt.decode(token("admin"), options={"verify_signature": False}),
            ec.generate_private_key(ec.SECP256R1()),
            "ES256",
            headers={"kid": "test"},
        ),
        "x.y.z",
    ],
    ids=["unsigned", "signed with a secret", "signed by a stranger", "no token"],
)
async def test_an_unsigned_or_foreign_token_is_refused(forged: str) -> None:
    with pytest.raises(InvalidTokenError):
        await verifier().verify(f"Bearer {forged}")


async def test_without_the_issuers_keys_the_answer_is_unavailable_not_unauthenticated() -> None:
    away = TokenVerifier(jwks_url="http://127.0.0.1:9/keys", issuer="openitem", audience="openitem")

    with pytest.raises(UnavailableError):
        await away.verify(f"Bearer {token('erp')}")


async def test_a_missing_scope_is_named() -> None:
    principal = await verifier().verify(f"Bearer {token('auditor')}")

    with pytest.raises(InsufficientScopeError, match="items:write"):
        principal.need("items:write")


def test_an_auditor_can_change_nothing() -> None:
    assert all(scope.endswith(":read") for scope in ROLE_SCOPES["auditor"])
