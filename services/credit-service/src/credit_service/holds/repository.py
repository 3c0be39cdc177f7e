"""Queries of holds. Who writes one holds the lock of its customer's account; writes are set-based."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.holds.domain import Hold, HoldStatus
from credit_service.holds.tables import HoldRow
from shared.events.credit import HoldReason

_COLUMNS = "hold_id, order_id, customer_id, status, reasons, checkpoint, as_of, manual"
_OPEN_OF = text(f"select {_COLUMNS} from holds where customer_id = :customer_id and status = 'open' order by hold_id")
_FIND = text(f"select {_COLUMNS} from holds where hold_id = :id")
_SAVE = text(
    "insert into holds (hold_id, order_id, customer_id, status, reasons, checkpoint, as_of, manual, opened_at) "
    "select *, :at from unnest(cast(:ids as text[]), cast(:orders as text[]), cast(:customers as text[]), "
    "cast(:statuses as text[]), cast(:reasons as jsonb[]), cast(:checkpoints as text[]), cast(:days as date[]), "
    "cast(:manuals as boolean[])) "
    "on conflict (hold_id) do update set reasons = excluded.reasons, checkpoint = excluded.checkpoint, as_of = excluded.as_of"
)
_END = text(
    "update holds h set status = n.status, decided_at = :at, decided_by = n.decided_by, note = n.note, "
    "reason_code = :reason_code, valid_until = :valid_until, amount_tolerance_pct = :tolerance "
    "from unnest(cast(:ids as text[]), cast(:statuses as text[]), cast(:who as text[]), cast(:notes as text[])) "
    "as n(hold_id, status, decided_by, note) where h.hold_id = n.hold_id and h.status = 'open'"
)
_DAY_PASSED = text("update holds set as_of = greatest(as_of, :as_of) where status = 'open' and customer_id = any(:ids)")
_CUSTOMERS_HELD = text(
    "select distinct customer_id from holds where status = 'open' "
    "and (cast(:ids as text[]) is null or customer_id = any(cast(:ids as text[]))) order by 1"
)


@dataclass(frozen=True, slots=True)
class HoldEnd:
    """How an open hold ended."""

    hold_id: str
    status: HoldStatus
    decided_by: str
    note: str


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    hold_id, order_id, customer_id, status, reasons, checkpoint, as_of, manual = row
    told = tuple(HoldReason.model_validate(reason) for reason in reasons)
    return Hold(hold_id, order_id, customer_id, status, told, checkpoint, as_of, manual)


async def open_holds(session: AsyncSession, customer_id: str) -> list[Hold]:
    """Return a customer's open holds, oldest first."""
    return [_hold(row) for row in await session.execute(_OPEN_OF, {"customer_id": customer_id})]


async def find(session: AsyncSession, hold_id: str) -> Hold | None:
    """Return a hold."""
    row = (await session.execute(_FIND, {"id": hold_id})).one_or_none()
    return _hold(row) if row else None


async def find_row(session: AsyncSession, hold_id: str) -> HoldRow | None:
    """Return a hold's row as it is now."""
    return await session.get(HoldRow, hold_id, populate_existing=True)


async def save(session: AsyncSession, holds: Sequence[Hold], *, at: datetime) -> None:
    """Open holds, or write new reasons to those that are open."""
    await session.execute(
        _SAVE,
        {
            "ids": [hold.hold_id for hold in holds],
            "orders": [hold.order_id for hold in holds],
            "customers": [hold.customer_id for hold in holds],
            "statuses": [hold.status for hold in holds],
            "reasons": [json.dumps([reason.model_dump() for reason in hold.reasons]) for hold in holds],
            "checkpoints": [hold.checkpoint for hold in holds],
            "days": [hold.as_of for hold in holds],
            "manuals": [hold.manual for hold in holds],
            "at": at,
        },
    )


async def end(
    session: AsyncSession,
    ends: Sequence[HoldEnd],
    *,
    at: datetime,
    reason_code: str | None = None,
    valid_until: date | None = None,
    tolerance_pct: Decimal | None = None,
) -> None:
    """End open holds."""
    await session.execute(
        _END,
        {
            "ids": [one.hold_id for one in ends],
            "statuses": [one.status for one in ends],
            "who": [one.decided_by for one in ends],
            "notes": [one.note for one in ends],
            "at": at,
            "reason_code": reason_code,
            "valid_until": valid_until,
            "tolerance": tolerance_pct,
        },
    )


async def let_day_pass(session: AsyncSession, customer_ids: Sequence[str], as_of: date) -> None:
    """Have the open holds of these customers judged on `as_of` or later from now on."""
    await session.execute(_DAY_PASSED, {"ids": list(customer_ids), "as_of": as_of})


async def customers_held(session: AsyncSession, customer_ids: Iterable[str] | None) -> list[str]:
    """Return the customers with open holds, those among `customer_ids` where given."""
    wanted = None if customer_ids is None else list(customer_ids)
    return list((await session.execute(_CUSTOMERS_HELD, {"ids": wanted})).scalars())


def matching(*, status: str | None, customer_id: str | None, order_id: str | None) -> Select[Any]:
    """Return the statement that lists holds."""
    statement = select(HoldRow)
    for column, value in (
        (HoldRow.status, status),
        (HoldRow.customer_id, customer_id),
        (HoldRow.order_id, order_id),
    ):
        if value is not None:
            statement = statement.where(column == value)  # type: ignore[arg-type]
    return statement
