"""Bank accounts and tax ids: by what they are recognised, what may be shown of them, and what a mask that comes back means."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import InvalidError

ROLES_THAT_NEED_BANK_DETAILS = frozenset({"erp", "ar_specialist", "admin"})
"""Other roles see bank accounts and tax ids masked (design.md, Security)."""

MASK = "…"
"""What stands for the part that is not shown."""


class MaskedSecretError(InvalidError):
    """A mask was sent that stands for no secret on file, or for more than one."""

    code = "masked_value"

    def __init__(self, sent: str, *, field: str) -> None:
        super().__init__(
            f"{sent} is a masked value that does not stand for exactly what is on file: leave it as it was read, or send "
            "it in full.",
            field=field,
        )


def fingerprint(bank_account: str) -> str:
    """Return the SHA-256 of a bank account in capitals without spaces, by which a payer is recognised."""
    return hashlib.sha256(re.sub(r"\s", "", bank_account).upper().encode()).hexdigest()


def masked(secret: str) -> str:
    """Return a bank account or tax id of which only the last four characters can be read."""
    return MASK + secret[-4:] if len(secret) > 4 else MASK


def without_secrets(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return master data with its bank accounts and tax id masked."""
    shown = dict(content)
    if "bank_accounts" in shown:
        shown["bank_accounts"] = [masked(account) for account in shown["bank_accounts"]]
    if shown.get("tax_id"):
        shown["tax_id"] = masked(shown["tax_id"])
    return shown


def with_secrets_kept(
    content: Mapping[str, Any], *, tax_id: str | None, bank_accounts: Sequence[str]
) -> dict[str, Any]:
    """Return master data in which each masked value is again the secret on file that it stands for.

    Who sees a customer masked and puts it back with another change must not wipe out what he cannot see. Raises
    `MaskedSecretError`.
    """
    kept = dict(content)
    kept["bank_accounts"] = _unmasked(content["bank_accounts"], bank_accounts, field="bank_accounts")
    if content["tax_id"] is not None:
        [kept["tax_id"]] = _unmasked([content["tax_id"]], [tax_id] if tax_id else [], field="tax_id")
    return kept


def _unmasked(sent: Sequence[str], on_file: Sequence[str], *, field: str) -> list[str]:
    masks = Counter(value for value in sent if value.startswith(MASK))
    behind = {mask: [secret for secret in on_file if masked(secret) == mask] for mask in masks}
    for mask, count in masks.items():
        if count != len(behind[mask]):
            raise MaskedSecretError(mask, field=field)
    return [behind[value].pop(0) if value in behind else value for value in sent]
