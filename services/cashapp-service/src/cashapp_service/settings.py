"""Settings of cashapp-service: what may be written off without asking, and who approves refunds and write-offs."""

from decimal import Decimal

from pydantic import Field

from shared.settings import Settings


def _in_each(amount: int) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency in ("EUR", "USD", "GBP", "CHF")}


class CashappSettings(Settings):
    """What cashapp-service needs beside what every process needs."""

    tolerance_item_amount: Decimal = Field(default=Decimal(5), ge=0, description="Most that is written off per item")
    tolerance_item_pct: Decimal = Field(default=Decimal(1), ge=0, le=100, description="Per cent of the item's amount")
    tolerance_receipt_amount: Decimal = Field(default=Decimal(20), ge=0, description="Most per receipt, all items")
    tolerance_receipt_pct: Decimal = Field(default=Decimal(1), ge=0, le=100, description="Per cent of the receipt")
    exchange_difference_pct: Decimal = Field(
        default=Decimal(10), ge=0, le=100, description="Most by which money misses what it pays in another currency"
    )
    discount_grace_days: int = Field(default=0, ge=0, le=60, description="Days a cash discount outlives its last day")

    refund_authority: dict[str, dict[str, Decimal]] = Field(
        default={"controller": _in_each(100_000)},
        description="Up to which amount a role approves refunds, by role and currency; nothing is converted",
    )
    write_off_authority: dict[str, dict[str, Decimal]] = Field(
        default={"credit_manager": _in_each(10_000), "controller": _in_each(100_000)},
        description="Up to which amount a role approves write-offs, by role and currency; nothing is converted",
    )
    unlimited_authority_roles: frozenset[str] = Field(
        default=frozenset({"admin"}), description="Roles that approve any amount in any currency"
    )
    close_patience_seconds: float = Field(
        default=10, gt=0, le=60, description="How long a close waits for postings under way; others wait behind it"
    )
    proof_entries_max: int = Field(
        default=200_000,
        ge=0,
        description="Entries of the journal up to which a checklist or close without a proof made ahead proves it on the spot",
    )
    submission_days: int = Field(
        default=2, ge=0, le=60, description="Days after its issue by which a document has reached the customer"
    )
    small_balance_most: dict[str, Decimal] = Field(
        default=_in_each(50),
        description="Largest balance by currency that a run over small balances may clear without evidence of its own",
    )
