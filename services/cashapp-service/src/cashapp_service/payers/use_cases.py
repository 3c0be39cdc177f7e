"""What can be done with known payers: put one, and ask for whom somebody may pay."""

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.payers import repository
from cashapp_service.payers.domain import Payer, PayerNotFoundError, PaysForNobodyError
from cashapp_service.payers.tables import PayerRow, columns_of, to_payer
from shared.errors import ConflictError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_payer(
    uow: UnitOfWork, payer: Payer, *, ask_owner: customers.AskOwner, by: str, expected_version: int | None
) -> tuple[PayerRow, bool]:
    """Create or change a payer and tell whether it was created; equal content changes nothing.

    Raises `UnknownCustomerError` for one it is to pay for that does not exist, `PaysForNobodyError`, `StaleVersionError`.
    """
    for customer_id in payer.pays_for:
        await customers.ensure_known(uow, customer_id, ask_owner)
    row = await repository.find_for_update(uow.session, payer.payer_id)
    ensure_fresh(expected_version, row.version if row else 0)
    if row is None:
        if not payer.pays_for:
            raise PaysForNobodyError
        row = PayerRow(payer_id=payer.payer_id, version=1, changed_by=by, **columns_of(payer))
        uow.session.add(row)
        try:
            await uow.session.flush()
        except IntegrityError:
            raise ConflictError("This payer is being put by another request: send it again.") from None
        return row, True
    changed = {name: value for name, value in columns_of(payer).items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.version, row.changed_by = row.version + 1, by
        await uow.session.flush()
    return row, False


async def payer(session: AsyncSession, payer_id: str) -> PayerRow:
    """Return a payer; raise `PayerNotFoundError`."""
    row = await repository.find(session, payer_id)
    if row is None:
        raise PayerNotFoundError(payer_id)
    return row


async def paid_for(
    session: AsyncSession,
    customer_ids: Collection[str],
    *,
    payer_id: str,
    account_fingerprint: str | None,
    name: str | None,
) -> set[str]:
    """Return those of `customer_ids` for which a payer may pay: itself, those below it, and those it is known to pay for."""
    others = set(customer_ids) - {payer_id}
    if not others:
        return set(customer_ids)
    known = await known_as(session, [payer_id], account_fingerprint=account_fingerprint, name=name)
    named = {customer_id for payer in known for customer_id in payer.pays_for}
    below = await customers.below(session, others, ancestor=payer_id)
    return {payer_id} | (others & named) | below


async def known_as(
    session: AsyncSession, payer_ids: Collection[str], *, account_fingerprint: str | None, name: str | None
) -> list[Payer]:
    """Return the payers that are one of these customers, or have this account or this name."""
    rows = await repository.known_as(session, payer_ids, account_fingerprint=account_fingerprint, name=name)
    return [to_payer(row) for row in rows]


async def all_payers(session: AsyncSession) -> list[Payer]:
    """Return every known payer, for matching."""
    return [to_payer(row) for row in await repository.find_all(session)]
