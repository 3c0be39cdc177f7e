"""Shapes of limit pools on the wire."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Account
from credit_service.limit_pools.domain import Pool
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, Money, NonNegativeAmount, rounded


class LimitPoolBody(Body):
    """Whether a group shares the limit of its head."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"managed_together": True, "reason": "One treasury pays for all."}]}
    )

    managed_together: bool = Field(strict=True, description="Whether this customer and all below it share its limit")
    reason: str | None = Field(default=None, max_length=2000, description="Kept in the journal")


class PoolMember(BaseModel):
    """A customer that shares the limit."""

    customer_id: str = Field(description="The ERP's customer number")
    currency: str = Field(description="ISO 4217")
    exposure: Amount = Field(description="In its own currency")
    rate: str | None = Field(description="Units of the pool's currency for one of its own; null where none is known")
    pooled_exposure: Amount | None = Field(description="In the pool's currency")


class LimitPool(BaseModel):
    """The pool that a customer belongs to, with what its members owe together."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "managed_together": True,
                    "version": 1,
                    "pool_id": "C-1",
                    "currency": "EUR",
                    "limit": "50000.00",
                    "exposure": "41200.00",
                    "available": "8800.00",
                    "unconverted": 0,
                    "as_of": "2026-03-02",
                    "member_count": 2,
                    "members": [
                        {
                            "customer_id": "C-1",
                            "currency": "EUR",
                            "exposure": "41200.00",
                            "rate": "1",
                            "pooled_exposure": "41200.00",
                        },
                        {
                            "customer_id": "C-2",
                            "currency": "USD",
                            "exposure": "0.00",
                            "rate": "0.9241",
                            "pooled_exposure": "0.00",
                        },
                    ],
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    managed_together: bool = Field(description="Whether this customer is the head of a group that shares its limit")
    version: int = Field(description="Of `managed_together`; the ETag; 0 where it was never set")
    pool_id: str | None = Field(description="The head of the pool that the customer belongs to, itself or one above")
    currency: str | None = Field(description="Of the head, in which the amounts below are")
    limit: NonNegativeAmount | None = Field(description="The head's limit on `as_of`; null where there is no bound")
    exposure: Amount | None = Field(description="What the members owe together, at their rates")
    available: Amount | None = Field(description="What is left of the limit, negative where it is passed")
    unconverted: int = Field(description="Members that owe something and wait for a rate: until then all are held")
    as_of: Day = Field(description="Business day for which it holds")
    member_count: int = Field(description="How many customers share the limit")
    members: list[PoolMember] = Field(description="At most 500, those who owe most first")


def shown(
    customer_id: str, own: tuple[int, bool], pool: Pool | None, members: Sequence[Account], *, as_of: date
) -> LimitPool:
    """Return a customer's pool as it is shown; `own` are version and setting of the customer itself."""
    left = _totals(pool, as_of) if pool else {"currency": None, "limit": None, "exposure": None, "available": None}
    largest = sorted((_member(one, pool.currency) for one in members), key=_owed, reverse=True)[:500] if pool else []
    return LimitPool(
        customer_id=customer_id,
        managed_together=own[1],
        version=own[0],
        pool_id=pool.pool_id if pool else None,
        unconverted=pool.unconverted if pool else 0,
        as_of=as_of,
        member_count=len(members),
        members=largest,
        **left,
    )


def _totals(pool: Pool, as_of: date) -> Mapping[str, object]:
    exposure, limit = pool.owed, pool.limit.effective(as_of)
    shown_limit = None if limit is None else Money(limit, pool.currency).amount
    return {
        "currency": pool.currency,
        "limit": shown_limit,
        "exposure": exposure,
        "available": None if shown_limit is None else shown_limit - exposure,
    }


def _member(account: Account, pool_currency: str) -> PoolMember:
    exposure, rate = account.exposure.total, account.pool_rate
    return PoolMember(
        customer_id=account.customer_id,
        currency=account.currency,
        exposure=Money(exposure, account.currency).amount,
        rate=None if rate is None else format(rate.normalize(), "f"),
        pooled_exposure=None if rate is None else rounded(exposure * rate, pool_currency),
    )


def _owed(member: PoolMember) -> tuple[Decimal, str]:
    return (member.pooled_exposure or Decimal(0), member.customer_id)
