"""Queries of holds. Who writes one holds the lock of its customer's account; writes are set-based, each with its history."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.holds.domain import UNDECIDED, Hold, HoldSort, HoldStatus, ReleaseRequest, ReleaseTerms
from credit_service.holds.tables import HoldChangeRow, HoldRow
from shared.events.credit import HoldReason

_COLUMNS = (
    "hold_id, order_id, customer_id, status, reasons, checkpoint, as_of, order_value, requested_delivery_date, version, "
    "release_request"
)
_OPEN_OF = text(
    f"select {_COLUMNS} from holds where customer_id = :customer_id and decided_at is null order by hold_id"
)
_FIND = text(f"select {_COLUMNS} from holds where hold_id = :id")
_LOG = (
    "logged as (insert into hold_changes (hold_id, version, status, rules, actor, note, changed_at) "
    "select c.hold_id, c.version, c.status, c.rules, g.actor, g.note, :at from changed c join given g using (hold_id)) "
    "select count(*) from changed"
)
_STANDS = (
    "holds.status = 'release_requested' and excluded.order_value <= holds.order_value "
    "and holds.rules @> jsonb_path_query_array(excluded.reasons, '$[*].\"rule\"')"
)
"""Whether a release that was asked for is still asked for: the order has not grown and no other rule holds it."""
_SAVE = text(
    "with given as (select * from unnest(cast(:ids as text[]), cast(:orders as text[]), cast(:customers as text[]), "
    "cast(:reasons as jsonb[]), cast(:checkpoints as text[]), cast(:days as date[]), cast(:manuals as boolean[]), "
    "cast(cast(:values as text[]) as numeric[]), cast(:deliveries as date[]), cast(:actors as text[]), "
    "cast(:notes as text[])) as g(hold_id, order_id, customer_id, reasons, checkpoint, as_of, manual, order_value, "
    "requested_delivery_date, actor, note)), "
    "changed as (insert into holds (hold_id, version, order_id, customer_id, status, reasons, checkpoint, opened_on, "
    "as_of, manual, order_value, requested_delivery_date, opened_at) "
    "select hold_id, 1, order_id, customer_id, 'open', reasons, checkpoint, as_of, as_of, manual, order_value, "
    "requested_delivery_date, :at from given order by hold_id "
    "on conflict (hold_id) do update set version = holds.version + 1, reasons = excluded.reasons, "
    "checkpoint = excluded.checkpoint, as_of = excluded.as_of, manual = excluded.manual, "
    "order_value = excluded.order_value, requested_delivery_date = excluded.requested_delivery_date, "
    f"status = case when {_STANDS} then holds.status else 'open' end, "
    f"release_request = case when {_STANDS} then holds.release_request end "
    f"returning hold_id, version, status, rules), {_LOG}"
)
_REFRESH = text(
    "update holds h set reasons = g.reasons, as_of = g.as_of "
    "from unnest(cast(:ids as text[]), cast(:reasons as jsonb[]), cast(:days as date[])) as g(hold_id, reasons, as_of) "
    "where h.hold_id = g.hold_id and h.decided_at is null"
)
_END = text(
    "with given as (select * from unnest(cast(:ids as text[]), cast(:statuses as text[]), cast(:who as text[]), "
    "cast(:notes as text[])) as g(hold_id, status, actor, note)), "
    "changed as (update holds h set version = h.version + 1, status = g.status, release_request = null, decided_at = :at, "
    "decided_by = g.actor, note = g.note, reason_code = :reason_code, valid_until = :valid_until, "
    "amount_tolerance_pct = :tolerance from given g where h.hold_id = g.hold_id and h.decided_at is null "
    f"returning h.hold_id, h.version, h.status, h.rules), {_LOG}"
)
_REQUEST = text(
    "with given as (select cast(:id as text) as hold_id, cast(:actor as text) as actor, cast(:note as text) as note), "
    "changed as (update holds set version = version + 1, release_request = cast(:request as jsonb), "
    "status = case when cast(:request as jsonb) is null then 'open' else 'release_requested' end "
    "where hold_id = :id and decided_at is null "
    f"returning hold_id, version, status, rules), {_LOG}"
)
_DAY_PASSED = text(
    "update holds set as_of = greatest(as_of, :as_of) where decided_at is null and customer_id = any(:ids)"
)
_CUSTOMERS_HELD = text(
    "select distinct customer_id from holds where decided_at is null "
    "and (cast(:ids as text[]) is null or customer_id = any(cast(:ids as text[]))) order by 1"
)


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A hold that is opened or has other reasons now: who did it."""

    hold: Hold
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class HoldEnd:
    """How an open hold ended."""

    hold_id: str
    status: HoldStatus
    decided_by: str
    note: str


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    hold_id, order_id, customer_id, status, reasons, checkpoint, as_of, value, delivery, version, request = row
    told = tuple(HoldReason.model_validate(reason) for reason in reasons)
    asked = None if request is None else request_of(request)
    return Hold(hold_id, order_id, customer_id, status, told, checkpoint, as_of, value, delivery, version, asked)


def request_of(stored: dict[str, Any]) -> ReleaseRequest:
    """Return a stored request."""
    until = stored["valid_until"]
    terms = ReleaseTerms(
        stored["reason_code"],
        stored["note"],
        None if until is None else date.fromisoformat(until),
        Decimal(stored["tolerance_pct"]),
    )
    return ReleaseRequest(stored["requested_by"], datetime.fromisoformat(stored["requested_at"]), terms)


def _document(request: ReleaseRequest) -> str:
    terms = request.terms
    return json.dumps(
        {
            "requested_by": request.requested_by,
            "requested_at": request.requested_at.isoformat(),
            "reason_code": terms.reason_code,
            "note": terms.note,
            "valid_until": None if terms.valid_until is None else terms.valid_until.isoformat(),
            "tolerance_pct": str(terms.tolerance_pct),
        }
    )


async def open_holds(session: AsyncSession, customer_id: str) -> list[Hold]:
    """Return a customer's holds that are not decided, oldest first."""
    return [_hold(row) for row in await session.execute(_OPEN_OF, {"customer_id": customer_id})]


async def find(session: AsyncSession, hold_id: str) -> Hold | None:
    """Return a hold."""
    row = (await session.execute(_FIND, {"id": hold_id})).one_or_none()
    return _hold(row) if row else None


async def find_row(session: AsyncSession, hold_id: str) -> HoldRow | None:
    """Return a hold's row as it is now."""
    return await session.get(HoldRow, hold_id, populate_existing=True)


async def history(session: AsyncSession, hold_id: str) -> list[HoldChangeRow]:
    """Return what happened to a hold, oldest first."""
    mine = HoldChangeRow.hold_id == hold_id
    statement = select(HoldChangeRow).where(mine).order_by(HoldChangeRow.position)  # type: ignore[arg-type]
    return list((await session.execute(statement)).scalars())


async def save(session: AsyncSession, changes: Sequence[HoldChange], *, at: datetime) -> None:
    """Open holds, or write new reasons to those that are open."""
    holds = [change.hold for change in changes]
    await session.execute(
        _SAVE,
        {
            "ids": [hold.hold_id for hold in holds],
            "orders": [hold.order_id for hold in holds],
            "customers": [hold.customer_id for hold in holds],
            "reasons": [json.dumps([reason.model_dump() for reason in hold.reasons]) for hold in holds],
            "checkpoints": [hold.checkpoint for hold in holds],
            "days": [hold.as_of for hold in holds],
            "manuals": [hold.manual for hold in holds],
            "values": [str(hold.order_value) for hold in holds],
            "deliveries": [hold.requested_delivery_date for hold in holds],
            "actors": [change.actor for change in changes],
            "notes": [change.note for change in changes],
            "at": at,
        },
    )


async def refresh(session: AsyncSession, holds: Sequence[Hold]) -> None:
    """Write the figures of reasons that are the same; no change that a history would tell."""
    await session.execute(
        _REFRESH,
        {
            "ids": [hold.hold_id for hold in holds],
            "reasons": [json.dumps([reason.model_dump() for reason in hold.reasons]) for hold in holds],
            "days": [hold.as_of for hold in holds],
        },
    )


async def end(
    session: AsyncSession, ends: Sequence[HoldEnd], *, at: datetime, reason_code: str | None, terms: ReleaseTerms | None
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
            "valid_until": terms.valid_until if terms else None,
            "tolerance": terms.tolerance_pct if terms else None,
        },
    )


async def set_request(
    session: AsyncSession, hold_id: str, request: ReleaseRequest | None, *, actor: str, note: str, at: datetime
) -> None:
    """Note the release that is asked for, or that it is asked for no more."""
    stored = None if request is None else _document(request)
    await session.execute(_REQUEST, {"id": hold_id, "request": stored, "actor": actor, "note": note, "at": at})


async def let_day_pass(session: AsyncSession, customer_ids: Sequence[str], as_of: date) -> None:
    """Have the open holds of these customers judged on `as_of` or later from now on."""
    await session.execute(_DAY_PASSED, {"ids": list(customer_ids), "as_of": as_of})


async def customers_held(session: AsyncSession, customer_ids: Iterable[str] | None) -> list[str]:
    """Return the customers with open holds, those among `customer_ids` where given."""
    wanted = None if customer_ids is None else list(customer_ids)
    return list((await session.execute(_CUSTOMERS_HELD, {"ids": wanted})).scalars())


@dataclass(frozen=True, slots=True)
class HoldsWanted:
    """Which holds a list shows: those that fulfil everything that is not None. `customer_ids` are all there may be."""

    statuses: frozenset[HoldStatus] = frozenset()
    customer_id: str | None = None
    customer_ids: tuple[str, ...] | None = None
    order_id: str | None = None
    rule: str | None = None
    manual: bool | None = None
    value_min: Decimal | None = None
    delivery_before: date | None = None


def matching(wanted: HoldsWanted) -> Select[Any]:
    """Return the statement that lists holds."""
    statement = select(HoldRow).where(*_equal(wanted))
    if wanted.statuses:
        statement = statement.where(col(HoldRow.status).in_(sorted(wanted.statuses)))
        if wanted.statuses <= UNDECIDED:
            # Said in the words of the indexes of what waits.
            statement = statement.where(col(HoldRow.decided_at).is_(None))
    if wanted.customer_ids is not None:
        statement = statement.where(
            col(HoldRow.customer_id) == func.any(literal(list(wanted.customer_ids), ARRAY(Text)))
        )
    if wanted.rule is not None:
        statement = statement.where(col(HoldRow.rules).contains([wanted.rule]))
    if wanted.value_min is not None:
        statement = statement.where(col(HoldRow.order_value) >= wanted.value_min)
    if wanted.delivery_before is not None:
        statement = statement.where(col(HoldRow.requested_delivery_date) < wanted.delivery_before)
    return statement


def _equal(wanted: HoldsWanted) -> list[ColumnElement[bool]]:
    pairs = (
        (col(HoldRow.customer_id), wanted.customer_id),
        (col(HoldRow.order_id), wanted.order_id),
        (col(HoldRow.manual), wanted.manual),
    )
    return [column == value for column, value in pairs if value is not None]


def sorting(sort: HoldSort) -> tuple[tuple[Any, ...], tuple[type, ...], bool]:
    """Return the columns that a list is sorted by, their kinds, and whether it descends."""
    if sort == "amount":
        return (col(HoldRow.order_value), col(HoldRow.hold_id)), (Decimal, str), True
    if sort == "delivery_date":
        return (func.coalesce(col(HoldRow.requested_delivery_date), date.max), col(HoldRow.hold_id)), (date, str), False
    return (col(HoldRow.opened_on), col(HoldRow.hold_id)), (date, str), False


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest holds."""
    return matching(HoldsWanted(customer_id=customer_id)).order_by(col(HoldRow.hold_id).desc()).limit(count)
