"""Settings of cashapp-service: what may be written off without asking, and when matching may act by itself."""

from decimal import Decimal

from pydantic import Field

from shared.settings import Settings


class CashappSettings(Settings):
    """What cashapp-service needs beside what every process needs."""

    tolerance_item_amount: Decimal = Field(default=Decimal(5), ge=0, description="Most that is written off per item")
    tolerance_item_pct: Decimal = Field(default=Decimal(1), ge=0, le=100, description="Per cent of the item's amount")
    tolerance_receipt_amount: Decimal = Field(default=Decimal(20), ge=0, description="Most per receipt, all items")
    tolerance_receipt_pct: Decimal = Field(default=Decimal(1), ge=0, le=100, description="Per cent of the receipt")
    discount_grace_days: int = Field(default=0, ge=0, le=60, description="Days a cash discount outlives its last day")
