"""A customer's names, bank accounts and what may be shown of them."""

import hashlib
import re

ROLES_THAT_NEED_BANK_DETAILS = frozenset({"erp", "ar_specialist", "admin"})
"""Other roles see bank accounts and tax ids masked (design.md, Security)."""


def fingerprint(bank_account: str) -> str:
    """Return the SHA-256 of a bank account in capitals without spaces, by which a payer is recognised."""
    return hashlib.sha256(re.sub(r"\s", "", bank_account).upper().encode()).hexdigest()


def masked(secret: str) -> str:
    """Return a bank account or tax id of which only the last four characters can be read."""
    return "…" + secret[-4:] if len(secret) > 4 else "…"


def search_text(*names: str | None) -> str:
    """Return what a customer is found by: every name and number, in small letters."""
    return "\n".join(name.casefold() for name in names if name)
