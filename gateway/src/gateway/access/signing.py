"""The key that signs local tokens, the tokens, and the key set by which everyone verifies them."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from gateway.access.files import read_or_make
from shared.ids import new_id
from shared.security import ALGORITHM, ROLE_SCOPES

LIFETIME_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An elliptic-curve key (P-256) with its id."""

    key: ec.EllipticCurvePrivateKey
    key_id: str

    @classmethod
    def kept_in(cls, folder: Path) -> "SigningKey":
        """Return the key of this data folder, made at the first call."""
        return cls.of(read_or_make(folder / "signing_key.json", _new_jwk))

    @classmethod
    def of(cls, jwk: dict[str, Any]) -> "SigningKey":
        """Return the key written as a private JSON Web Key."""
        key = ECAlgorithm.from_jwk(jwk)
        assert isinstance(key, ec.EllipticCurvePrivateKey), "signing_key.json must hold a private key"
        return cls(key, jwk["kid"])

    def key_set(self) -> dict[str, Any]:
        """Return the public JSON Web Key Set (RFC 7517)."""
        return {"keys": [_jwk(self.key.public_key()) | {"kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the claims as a signed token."""
        return jwt.encode(claims, self.key, algorithm=ALGORITHM, headers={"kid": self.key_id, "typ": "at+jwt"})


@dataclass(frozen=True, slots=True)
class TokenMint:
    """Makes access tokens (RFC 9068 in spirit)."""

    key: SigningKey
    issuer: str
    audience: str

    def mint(self, *, subject: str, role: str, scopes: frozenset[str] | None, at: datetime) -> str:
        """Return a token for `subject` in `role`, with all the role's scopes or only `scopes`."""
        issued = int(at.timestamp())
        granted = ROLE_SCOPES[role] if scopes is None else scopes
        return self.key.sign(
            {
                "iss": self.issuer,
                "aud": self.audience,
                "sub": subject,
                "client_id": subject,
                "iat": issued,
                "exp": issued + LIFETIME_SECONDS,
                "jti": new_id("tok"),
                "roles": [role],
                "scope": " ".join(sorted(granted)),
            }
        )


def _jwk(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> dict[str, Any]:
    return dict(ECAlgorithm.to_jwk(key, as_dict=True))


def _new_jwk() -> dict[str, Any]:
    jwk = _jwk(ec.generate_private_key(ec.SECP256R1()))
    return jwk | {"kid": _thumbprint(jwk)}


def _thumbprint(jwk: dict[str, Any]) -> str:
    """Return the SHA-256 thumbprint of a key (RFC 7638): the same key has the same id everywhere."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
