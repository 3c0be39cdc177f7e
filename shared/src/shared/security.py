"""Who is calling and what they may do: bearer tokens (RFC 9068 in spirit), roles and scopes.

The gateway checks a token at the edge and each service checks it again: signature, issuer, audience, expiry, scope.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass

import httpx
import jwt

from shared.errors import ForbiddenError, UnauthenticatedError, UnavailableError

ALGORITHM = "ES256"

_READ = frozenset({"customers:read", "credit:read", "items:read", "disputes:read", "collections:read", "events:read"})

ROLE_SCOPES: dict[str, frozenset[str]] = {
    "erp": _READ
    | {
        "customers:write",
        "credit:check",
        "items:write",
        "receipts:write",
        "imports:write",
        "days:run",
        "ledger:read",
    },
    "collector": _READ | {"collections:write", "disputes:write", "recommendations:write"},
    "ar_specialist": _READ
    | {
        "items:write",
        "receipts:write",
        "receipts:apply",
        "refunds:write",
        "write_offs:write",
        "imports:write",
        "ledger:read",
        "disputes:write",
    },
    "credit_analyst": _READ
    | {
        "customers:write",
        "credit:check",
        "credit_file:read",
        "credit_file:write",
        "limits:request",
        "holds:release",
        "recommendations:write",
    },
    "credit_manager": _READ
    | {
        "customers:write",
        "credit:check",
        "credit_file:read",
        "credit_file:write",
        "exposure:repair",
        "limits:request",
        "limits:approve",
        "holds:release",
        "policies:write",
        "recommendations:write",
        "recommendations:decide",
        "write_offs:write",
        "write_offs:approve",
    },
    "dispute_coordinator": _READ | {"disputes:write", "disputes:resolve"},
    "controller": _READ
    | {
        "ledger:read",
        "ledger:write",
        "periods:close",
        "receipts:apply",
        "refunds:write",
        "refunds:approve",
        "write_offs:write",
        "write_offs:approve",
        "disputes:resolve",
        "days:run",
    },
    "auditor": _READ | {"credit_file:read", "ledger:read"},
}
ALL_SCOPES = frozenset().union(*ROLE_SCOPES.values())
ROLE_SCOPES["admin"] = ALL_SCOPES


class InvalidTokenError(UnauthenticatedError):
    """The token is missing, malformed, expired or not from a known issuer."""

    code = "invalid_token"


class InsufficientScopeError(ForbiddenError):
    """The token does not carry the scope that this asks for."""

    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}: ask for a token of a role that carries it.")


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `token` is passed on where a service asks another on the caller's behalf."""

    subject: str
    roles: frozenset[str]
    scopes: frozenset[str]
    token: str

    def need(self, scope: str) -> None:
        """Raise `InsufficientScopeError` where the caller lacks `scope`."""
        if scope not in self.scopes:
            raise InsufficientScopeError(scope)


def _by_id(keys: jwt.PyJWKSet) -> dict[str, jwt.PyJWK]:
    return {key.key_id: key for key in keys.keys if key.key_id}


class TokenVerifier:
    """Verifies tokens against the issuer's JSON Web Key Set, which it fetches when it meets a key it does not know.

    Whoever has the set at hand gives it as `keys`; then no other key is asked for.
    """

    REFRESH_SECONDS = 5.0
    CACHED_TOKENS_MAX = 10_000

    def __init__(self, *, jwks_url: str, issuer: str, audience: str, keys: jwt.PyJWKSet | None = None) -> None:
        self._jwks_url = jwks_url
        self._issuer = issuer
        self._audience = audience
        self._keys = _by_id(keys) if keys else {}
        self._has_all_keys = keys is not None
        self._fetched_at = float("-inf")
        self._verified: OrderedDict[str, tuple[int, Principal]] = OrderedDict()

    async def verify(self, authorization: str | None) -> Principal:
        """Return who sent the `Authorization` header; raise `InvalidTokenError`, or `UnavailableError` without keys."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InvalidTokenError("Send a bearer token: get one from POST /oauth/token.")
        cached = self._verified.get(token)
        if cached is not None and cached[0] > time.time():
            return cached[1]
        return self._check(token, await self._key_for(token))

    def _check(self, token: str, key: jwt.PyJWK) -> Principal:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidTokenError("The token has expired: get a new one from POST /oauth/token.") from None
        except jwt.PyJWTError as error:
            raise InvalidTokenError(f"The token is not valid here: {error}.") from None
        principal = Principal(
            subject=str(claims["sub"]),
            roles=frozenset(claims.get("roles", ())),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            token=token,
        )
        self._verified[token] = (int(claims["exp"]), principal)
        if len(self._verified) > self.CACHED_TOKENS_MAX:
            self._verified.popitem(last=False)
        return principal

    async def _key_for(self, token: str) -> jwt.PyJWK:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError:
            raise InvalidTokenError("The token is not a JSON Web Token: get one from POST /oauth/token.") from None
        due = not self._has_all_keys and time.monotonic() - self._fetched_at > self.REFRESH_SECONDS
        if key_id not in self._keys and due:
            await self._fetch_keys()
        key = self._keys.get(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise InvalidTokenError("The token is signed with a key that the issuer does not publish.")
        return key

    async def _fetch_keys(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(self._jwks_url)
                answer.raise_for_status()
                keys = jwt.PyJWKSet.from_dict(answer.json())
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            raise UnavailableError(
                "The token issuer's keys cannot be read at the moment: try again shortly."
            ) from error
        self._fetched_at = time.monotonic()
        self._keys = _by_id(keys)
