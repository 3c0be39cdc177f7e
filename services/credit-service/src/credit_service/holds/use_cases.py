"""What the other capabilities do with holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.holds import repository, schemas
from credit_service.holds.domain import Hold, HoldNotFoundError, HoldSort, ReleaseRequest, ReleaseTerms
from credit_service.holds.repository import HoldChange, HoldEnd, HoldsWanted
from credit_service.holds.schemas import HoldHistoryLine, HoldShown
from shared.http.pagination import InvalidCursorError, PageRequest, fetch_page
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ListedHold:
    """A hold as it is shown, with the value of its order in the account's currency."""

    shown: HoldShown
    order_value: Decimal


async def open_holds(uow: UnitOfWork, customer_id: str) -> list[Hold]:
    """Return a customer's open holds, oldest first."""
    return await repository.open_holds(uow.session, customer_id)


async def hold(uow: UnitOfWork, hold_id: str) -> Hold:
    """Return a hold; raise `HoldNotFoundError`."""
    found = await repository.find(uow.session, hold_id)
    if found is None:
        raise HoldNotFoundError(hold_id)
    return found


async def save(uow: UnitOfWork, changes: Sequence[HoldChange]) -> None:
    """Open holds, or write new reasons to those that are open; the caller holds the locks of their accounts.

    A release that was asked for lapses where the order has grown or another rule holds it.
    """
    if changes:
        await repository.save(uow.session, changes, at=uow.clock.now())


async def refresh(uow: UnitOfWork, holds: Sequence[Hold]) -> None:
    """Write new figures of the same reasons; the caller holds the locks of their accounts."""
    if holds:
        await repository.refresh(uow.session, holds)


async def end(
    uow: UnitOfWork, ends: Sequence[HoldEnd], *, reason_code: str | None = None, terms: ReleaseTerms | None = None
) -> None:
    """End open holds, released ones on these terms; the caller holds the locks of their accounts."""
    if ends:
        await repository.end(uow.session, ends, at=uow.clock.now(), reason_code=reason_code, terms=terms)


async def request_release(uow: UnitOfWork, hold: Hold, terms: ReleaseTerms, *, by: str) -> None:
    """Have a release wait for somebody with the authority; the caller holds the lock of the account."""
    now = uow.clock.now()
    request = ReleaseRequest(by, now, terms)
    note = f"release requested: {terms.reason_code}"
    await repository.set_request(uow.session, hold.hold_id, request, actor=by, note=note, at=now)


async def drop_request(uow: UnitOfWork, hold: Hold, *, by: str, note: str) -> None:
    """Have the release that was asked for wait no more; the caller holds the lock of the account."""
    await repository.set_request(uow.session, hold.hold_id, None, actor=by, note=note, at=uow.clock.now())


async def customers_held(uow: UnitOfWork, customer_ids: Iterable[str] | None = None) -> list[str]:
    """Return the customers with open holds, those among `customer_ids` where given."""
    return await repository.customers_held(uow.session, customer_ids)


async def let_day_pass(uow: UnitOfWork, customer_ids: Sequence[str], as_of: date) -> None:
    """Have the open holds of these customers judged on `as_of` or later from now on."""
    await repository.let_day_pass(uow.session, customer_ids, as_of)


async def shown(uow: UnitOfWork, hold_id: str) -> HoldShown:
    """Return a hold as it is now, for an answer; raise `HoldNotFoundError`."""
    return (await listed_one(uow.session, hold_id)).shown


async def listed_one(session: AsyncSession, hold_id: str) -> ListedHold:
    """Return a hold as a list shows it; raise `HoldNotFoundError`."""
    row = await repository.find_row(session, hold_id)
    if row is None:
        raise HoldNotFoundError(hold_id)
    return ListedHold(schemas.shown(row), row.order_value)


async def listed(
    session: AsyncSession, wanted: HoldsWanted, *, sort: HoldSort, page: PageRequest
) -> tuple[list[ListedHold], str | None]:
    """Return a page of holds and the cursor of the next; raise `InvalidCursorError`."""
    by, kinds, descending = repository.sorting(sort)
    key = page.key(len(by))
    if key is not None and tuple(map(type, key)) != kinds:
        raise InvalidCursorError
    statement = repository.matching(wanted)
    rows, cursor = await fetch_page(session, statement, by=by, page=page, descending=descending)
    return [ListedHold(schemas.shown(row), row.order_value) for row in rows], cursor


async def history(session: AsyncSession, hold_id: str) -> list[HoldHistoryLine]:
    """Return what happened to a hold, oldest first."""
    return [HoldHistoryLine.model_validate(row.model_dump()) for row in await repository.history(session, hold_id)]


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[HoldShown]:
    """Return a customer's newest holds for its credit file."""
    return [schemas.shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
