"""Bank accounts and tax ids: by what they are recognised, and what may be shown of them."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

ROLES_THAT_NEED_BANK_DETAILS = frozenset({"erp", "ar_specialist", "admin"})
"""Other roles see bank accounts and tax ids masked (design.md, Security)."""


def fingerprint(bank_account: str) -> str:
    """Return the SHA-256 of a bank account in capitals without spaces, by which a payer is recognised."""
    return hashlib.sha256(re.sub(r"\s", "", bank_account).upper().encode()).hexdigest()


def masked(secret: str) -> str:
    """Return a bank account or tax id of which only the last four characters can be read."""
    return "…" + secret[-4:] if len(secret) > 4 else "…"


def without_secrets(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return master data with its bank accounts and tax id masked."""
    shown = dict(content)
    if "bank_accounts" in shown:
        shown["bank_accounts"] = [masked(account) for account in shown["bank_accounts"]]
    if shown.get("tax_id"):
        shown["tax_id"] = masked(shown["tax_id"])
    return shown
