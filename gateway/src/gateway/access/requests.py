"""What a client sends to the token endpoint and how it is refused (RFC 6749, sections 2.3.1, 4.4 and 5.2); pure."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 20


class TokenRequestError(Exception):
    """A refusal as RFC 6749 section 5.2 words it."""

    def __init__(self, error: str, description: str, *, status: int = 400, basic: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.basic = basic


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for a token by client credentials."""

    client_id: str
    client_secret: str
    scopes: frozenset[str] | None
    basic: bool


def read_request(content_type: str, body: bytes, authorization: str | None) -> TokenRequest:
    """Return what the client asks for; raise `TokenRequestError`."""
    form = _form(content_type, body)
    basic = _basic(authorization)
    if basic is not None and "client_secret" in form:
        raise TokenRequestError("invalid_request", "Send the secret once: in the form or by HTTP Basic.")
    grant = form.get("grant_type")
    if grant is None:
        raise TokenRequestError("invalid_request", "grant_type is missing: send client_credentials.")
    if grant != "client_credentials":
        raise TokenRequestError("unsupported_grant_type", "This endpoint gives tokens for client_credentials only.")
    client_id, secret = basic or (form.get("client_id"), form.get("client_secret"))
    if not client_id or not secret:
        raise TokenRequestError("invalid_client", "Send client_id and client_secret.", status=401)
    scopes = frozenset(form["scope"].split()) if form.get("scope") else None
    return TokenRequest(client_id, secret, scopes, basic is not None)


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRequestError("invalid_request", f"Send the request as {FORM}.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict", encoding="utf-8"
        )
    except ValueError:
        raise TokenRequestError("invalid_request", "The form cannot be read.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRequestError("invalid_request", "Send each parameter once.")
    return form


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRequestError("invalid_client", "HTTP Basic cannot be read.", status=401, basic=True) from None
    if not colon:
        raise TokenRequestError("invalid_client", "HTTP Basic is client_id:client_secret.", status=401, basic=True)
    return unquote_plus(name), unquote_plus(secret)
