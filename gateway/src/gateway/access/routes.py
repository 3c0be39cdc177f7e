"""The token endpoint and the key set over HTTP. In production both are the OpenID Connect issuer's, and answer 404 here."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from gateway.access.clients import Clients
from gateway.access.requests import FORM, TokenRequestError, read_request
from gateway.access.signing import LIFETIME_SECONDS, SigningKey, TokenMint
from shared.errors import NotFoundError
from shared.security import ROLE_SCOPES

router = APIRouter(tags=["access"])

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`")
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds", examples=[LIFETIME_SECONDS])
    scope: str = Field(description="What the token allows, separated by spaces", examples=["credit:check items:write"])


class TokenRefusal(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: str = Field(examples=["invalid_client"])
    error_description: str


_FORM_SCHEMA = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "const": "client_credentials"},
        "client_id": {"type": "string", "description": "A client of clients.json, such as `erp`"},
        "client_secret": {"type": "string", "format": "password"},
        "scope": {"type": "string", "description": "Fewer scopes than the client's role has, separated by spaces"},
    },
    "examples": [{"grant_type": "client_credentials", "client_id": "erp", "client_secret": "…"}],
}


class NoTokensHereError(NotFoundError):
    """Tokens are given out by an OpenID Connect issuer."""

    code = "no_tokens_here"

    def __init__(self) -> None:
        super().__init__("Tokens of this system come from its OpenID Connect issuer: ask that for one.")


@router.post(
    "/oauth/token",
    response_model=TokenAnswer,
    responses={400: {"model": TokenRefusal}, 401: {"model": TokenRefusal}},
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _FORM_SCHEMA}}}},
)
async def give_token(
    request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> JSONResponse:
    """Give a bearer token for client credentials, sent in the form or by HTTP Basic. It is good for one hour."""
    mint: TokenMint | None = request.app.state.mint
    if mint is None:
        raise NoTokensHereError
    try:
        asked = read_request(request.headers.get("Content-Type", ""), await request.body(), authorization)
        clients: Clients = request.app.state.clients
        role = clients.role_of(asked.client_id, asked.client_secret)
        if role is None:
            raise TokenRequestError("invalid_client", "Unknown client or wrong secret.", status=401, basic=asked.basic)
        scopes = _granted(role, asked.scopes)
    except TokenRequestError as refusal:
        return _refused(refusal)
    token = mint.mint(subject=asked.client_id, role=role, scopes=scopes, at=request.app.state.units.clock.now())
    answer = TokenAnswer(
        access_token=token, token_type="Bearer", expires_in=LIFETIME_SECONDS, scope=" ".join(sorted(scopes))
    )
    return JSONResponse(answer.model_dump(), headers=NO_STORE)


def _granted(role: str, asked: frozenset[str] | None) -> frozenset[str]:
    if asked is None:
        return ROLE_SCOPES[role]
    beyond = asked - ROLE_SCOPES[role]
    if beyond:
        raise TokenRequestError("invalid_scope", f"The role {role} does not carry {' '.join(sorted(beyond))}.")
    return asked


def _refused(refusal: TokenRequestError) -> JSONResponse:
    content = {"error": refusal.error, "error_description": refusal.description}
    challenge = {"WWW-Authenticate": 'Basic realm="openitem"'} if refusal.basic else {}
    return JSONResponse(content, refusal.status, NO_STORE | challenge)


@router.get("/.well-known/jwks.json")
async def key_set(request: Request) -> dict[str, Any]:
    """Return the public keys that verify this system's tokens (RFC 7517)."""
    key: SigningKey | None = request.app.state.signing_key
    if key is None:
        raise NoTokensHereError
    return key.key_set()
