"""Shapes of a customer's credit on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Account, Block, LimitState
from credit_service.limit_pools.domain import Bounds
from shared.days import Day
from shared.events.cashapp import ItemKind
from shared.money import Amount, Money, NonNegativeAmount

EXAMPLE: dict[str, Any] = {
    "customer_id": "C-1",
    "credit_limit": "1000.00",
    "limit_state": "amount",
    "currency": "EUR",
    "limit_valid_until": "2026-12-31",
    "temporary_limit": None,
    "temporary_until": None,
    "effective_limit": "1000.00",
    "pool_id": None,
    "risk_class": "C",
    "score": None,
    "payment_terms": "net 30",
    "blocked": False,
    "block": None,
    "exposure": {
        "open_orders": "800.00",
        "delivered": "0.00",
        "open_items": "100.00",
        "special": "0.00",
        "unapplied": "0.00",
        "total": "900.00",
    },
    "overdue": "0.00",
    "disputed": "0.00",
    "oldest_due_date": "2026-04-01",
    "dunning_level": 0,
    "insured_amount": "0.00",
    "available": "100.00",
    "utilisation": "0.9000",
    "next_review_on": None,
    "as_of": "2026-03-02",
    "version": 1,
}


class ExposureShown(BaseModel):
    """What counts against the limit, in the account's currency."""

    model_config = ConfigDict(title="Exposure")

    open_orders: NonNegativeAmount = Field(description="Reserved for orders, neither delivered nor invoiced")
    delivered: NonNegativeAmount = Field(description="Delivered and not yet invoiced")
    open_items: Amount = Field(description="Balances of invoices, debit and credit memos")
    special: NonNegativeAmount = Field(description="Down payments requested, guarantees")
    unapplied: NonNegativeAmount = Field(description="Cash on account or not applied, which lowers the total")
    total: Amount = Field(description="open_orders + delivered + open_items + special - unapplied")

    @classmethod
    def of(cls, account: Account) -> "ExposureShown":
        """Return an account's exposure as it is told."""
        parts = {name: getattr(account.exposure, name) for name in cls.model_fields}
        return cls(**{name: Money(amount, account.currency).amount for name, amount in parts.items()})


class BlockShown(BaseModel):
    """Why an account is blocked."""

    model_config = ConfigDict(title="Block", from_attributes=True)

    reason_code: str = Field(description="A word for lists, such as `legal`", validation_alias="code")
    reason: str = Field(description="Why, in words")
    blocked_by: str = Field(description="User who blocked it")
    blocked_at: datetime = Field(description="When it was blocked, in UTC")


class Credit(BaseModel):
    """A customer's credit: limit, exposure and what is left."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    customer_id: str = Field(description="The ERP's customer number")
    credit_limit: NonNegativeAmount | None = Field(description="0.00 for no credit; null where the limit is unmanaged")
    limit_state: LimitState = Field(description="`unmanaged`, `zero` or `amount`")
    currency: str = Field(description="The account's currency; every amount here is in it")
    limit_valid_until: Day | None = Field(description="Last day of the limit; past it, it counts as zero")
    temporary_limit: NonNegativeAmount | None = Field(
        description="Stands above `credit_limit` up to and including `temporary_until`"
    )
    temporary_until: Day | None = Field(description="Last day of the temporary limit")
    effective_limit: NonNegativeAmount | None = Field(
        description="What may be owed on `as_of`: after validity, temporary increase and insured cover where the policy counts "
        "it, and never more than the pool's limit; null where there is no bound"
    )
    pool_id: str | None = Field(description="The customer whose limit the group shares")
    risk_class: str = Field(description="A (best) to E")
    score: int | None = Field(description="Result of the last credit assessment")
    payment_terms: str = Field(description="As agreed, such as `net 30`")
    blocked: bool = Field(description="Whether the account is blocked")
    block: BlockShown | None = Field(description="Why the account is blocked; null where it is not")
    exposure: ExposureShown = Field(description="What counts against the limit, in the account's currency")
    overdue: NonNegativeAmount = Field(description="Open items past due on `as_of`")
    disputed: NonNegativeAmount = Field(description="What is disputed of the open items")
    oldest_due_date: Day | None = Field(description="Due date of the oldest open item")
    dunning_level: int = Field(description="Highest level reached by an open item")
    insured_amount: NonNegativeAmount = Field(description="What the credit insurance covers on `as_of`")
    available: Amount | None = Field(
        description="Effective limit less exposure, or what the pool has left where that is less; null where there is no bound"
    )
    utilisation: Decimal | None = Field(description="Exposure as a share of the effective limit; null without one")
    next_review_on: Day | None = Field(description="Day by which the credit is to be reviewed; null where none is set")
    as_of: Day = Field(description="Day for overdue and validity")
    version: int = Field(description="Grows with each change of limit, risk class or block")


def shown(
    account: Account,
    bounds: Bounds,
    *,
    payment_terms: str,
    block: Block | None,
    overdue: Decimal,
    disputed: Decimal,
    as_of: date,
) -> Credit:
    """Return a customer's credit as it is told."""

    def told(amount: Decimal) -> Decimal:
        return Money(amount, account.currency).amount

    exposure, limit = account.exposure, bounds.limit(account.currency)
    left = bounds.left(exposure.total, account.currency)
    share = (exposure.total / limit).quantize(Decimal("0.0001")) if limit else None
    return Credit(
        customer_id=account.customer_id,
        credit_limit=None if account.limit.shown is None else told(account.limit.shown),
        limit_state=account.limit.state,
        currency=account.currency,
        limit_valid_until=account.limit.valid_until,
        temporary_limit=None if account.limit.temporary is None else told(account.limit.temporary),
        temporary_until=account.limit.temporary_until,
        effective_limit=None if limit is None else told(limit),
        pool_id=account.pool_id,
        risk_class=account.risk_class,
        score=account.score,
        payment_terms=payment_terms,
        blocked=account.blocked,
        block=None if block is None else BlockShown.model_validate(block),
        exposure=ExposureShown.of(account),
        overdue=told(overdue),
        disputed=told(disputed),
        oldest_due_date=account.oldest_due_date,
        dunning_level=account.dunning_level,
        insured_amount=told(account.cover.insured),
        available=None if left is None else told(left),
        utilisation=share,
        next_review_on=account.next_review_on,
        as_of=as_of,
        version=account.version,
    )


Category = Literal["open_orders", "delivered", "open_items", "special", "unapplied"]
DocumentKind = Literal["order", "delivery", "guarantee", "receipt"] | ItemKind


class ExposureDocument(BaseModel):
    """A document that counts in an exposure."""

    category: Category = Field(description="Category of exposure")
    kind: DocumentKind = Field(description="What sort of document it is")
    id: str = Field(description="The order's number for an order or a delivery, else the document's own identifier")
    delivery_id: str | None = Field(description="Number of a delivery")
    order_id: str | None = Field(description="The order that it belongs to")
    amount: Amount = Field(description="What of it is open, in `currency`")
    currency: str = Field(description="ISO 4217")
    rate: str | None = Field(
        description="Units of the account's currency for one of `currency`, as kept with the document; null while none is known"
    )
    counts: Amount = Field(description="What it adds to its category, in the account's currency")

    @classmethod
    def of(cls, row: Any, account_currency: str) -> "ExposureDocument":
        """Return a counted document as it is shown."""
        return cls(
            category=row.category,
            kind=row.kind,
            id=row.id,
            delivery_id=row.part or None,
            order_id=row.order_id,
            amount=Money(row.amount, row.currency).amount,
            currency=row.currency,
            rate=None if row.rate is None else format(row.rate.normalize(), "f"),
            counts=Money(row.counts, account_currency).amount,
        )


class ExposureDetail(BaseModel):
    """What a customer's exposure is made of. The totals are always those of all documents, whatever the page shows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "currency": "EUR",
                    "exposure": EXAMPLE["exposure"],
                    "unconverted": 0,
                    "data": [
                        {
                            "category": "open_orders",
                            "kind": "order",
                            "id": "SO-1001",
                            "delivery_id": None,
                            "order_id": "SO-1001",
                            "amount": "1000.00",
                            "currency": "USD",
                            "rate": "0.8",
                            "counts": "800.00",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    currency: str = Field(description="The account's currency")
    exposure: ExposureShown = Field(description="What counts against the limit, in the account's currency")
    unconverted: int = Field(
        description="Documents that wait for an exchange rate and hold every order until it is there"
    )
    data: list[ExposureDocument] = Field(description="The entries, in order")
    next_cursor: str | None = Field(description="Pass as `cursor` for the next page; null on the last")
