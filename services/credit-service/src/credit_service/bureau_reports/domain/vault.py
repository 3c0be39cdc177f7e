"""Keeps reports encrypted: AES-256-GCM (NIST SP 800-38D), with a key of the operator's that never reaches the database.

The one thing to know: what is sealed names the key it was sealed with, and is bound to its place (`context`), so that it cannot
be put in another report's place. The first key seals; retired ones only open.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import UnavailableError

KEY_BYTES = 32
NONCE_BYTES = 12
_KEY_ID_DIGITS = 16


class ReportKeyMissingError(UnavailableError):
    """There is no key, or not the one that a report was sealed with."""

    code = "report_key_missing"


class SealBrokenError(UnavailableError):
    """What is stored is not what was sealed."""

    code = "report_seal_broken"

    def __init__(self) -> None:
        super().__init__("A stored report is damaged and cannot be opened: restore it from a backup.")


def key_from(text: str) -> bytes:
    """Return the key written as base64; raise `ValueError` for anything but 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("the key is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"the key has {len(key)} bytes; it takes {KEY_BYTES}, as `openssl rand -base64 32` writes them"
        )
    return key


def key_id(key: bytes) -> str:
    """Return what a key is called: the beginning of its SHA-256, which does not reveal it."""
    return hashlib.sha256(key).hexdigest()[:_KEY_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted content and the key that opens it. `content` is nonce, ciphertext and tag."""

    key_id: str
    content: bytes


class ReportVault:
    """Seals and opens reports."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Make a vault of `keys`: the first seals, the others only open what they sealed once."""
        self._current = key_id(keys[0]) if keys else None
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}

    def seal(self, content: bytes, *, context: str) -> Sealed:
        """Return content that only this vault opens, and only in the same context; raise `ReportKeyMissingError`."""
        if self._current is None:
            raise ReportKeyMissingError("Reports cannot be kept without a key: set OPENITEM_REPORT_KEY.")
        nonce = os.urandom(NONCE_BYTES)
        return Sealed(self._current, nonce + self._ciphers[self._current].encrypt(nonce, content, context.encode()))

    def open(self, sealed: Sealed, *, context: str) -> bytes:
        """Return what was sealed in this context; raise `ReportKeyMissingError`, `SealBrokenError`."""
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise ReportKeyMissingError(
                f"The report was sealed with the key {sealed.key_id}: add it to OPENITEM_RETIRED_REPORT_KEYS."
            )
        nonce, ciphertext = sealed.content[:NONCE_BYTES], sealed.content[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, context.encode())
        except (InvalidTag, ValueError):
            raise SealBrokenError from None
