"""What can be done with receipts by themselves: post them, identify their payer, record what the ledger did to them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import repository
from cashapp_service.receipts.domain import (
    Receipt,
    ReceiptExistsError,
    ReceiptNotFoundError,
    identification_entry,
    receipt_entry,
)
from cashapp_service.receipts.tables import to_receipt
from shared.errors import ConflictError
from shared.unit_of_work import UnitOfWork

Matches = Mapping[str, dict[str, Any]]
"""By receipt: what matching found, as it is shown."""


async def receive(
    uow: UnitOfWork, receipts: Sequence[Receipt], *, source: str, matches: Matches
) -> tuple[list[Receipt], list[Entry]]:
    """Take receipts in and tell it; return them as version 1 with the entries, which the caller posts to the ledger."""
    receipts = await dated(uow, receipts)
    entries = [receipt_entry(receipt) for receipt in receipts]
    posted = [receipt.after(entry) for receipt, entry in zip(receipts, entries, strict=True)]
    if posted:
        try:
            await repository.insert_new(uow.session, posted, source=source, matches=matches, at=uow.clock.now())
        except IntegrityError:
            raise ConflictError("This receipt is being posted by another request: send it again.") from None
    uow.publish(*(receipt.received_event(entry) for receipt, entry in zip(posted, entries, strict=True)))
    return posted, entries


async def dated(uow: UnitOfWork, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return receipts that are not posted yet with the day on which they will be: the value date, if its period is open."""
    first_open: dict[tuple[str, date], date] = {}
    for company_code, day in {(one.company_code, one.postable_from) for one in receipts}:
        first_open[company_code, day] = await periods.first_open(uow.session, company_code, day)
    return [replace(one, postable_from=first_open[one.company_code, one.postable_from]) for one in receipts]


async def posted_before(uow: UnitOfWork, receipt: Receipt) -> Receipt | None:
    """Return the receipt that was posted with the same bank reference and content.

    Raises `ReceiptExistsError` where the reference is that of another receipt.
    """
    if receipt.bank_reference is None:
        return None
    stored = await repository.find_by_bank_reference(
        uow.session, company_code=receipt.company_code, bank_reference=receipt.bank_reference
    )
    if stored is None:
        return None
    names = [
        "method",
        "amount",
        "currency",
        "value_date",
        "payer_name",
        "payer_account",
        "reference",
        "card_token",
        "card_last4",
        "remittance",
    ]
    # Both may have become known since; whoever states none has not sent other content.
    names += [name for name in ("customer_id", "order_id") if getattr(receipt, name) is not None]
    differences = [name for name in names if getattr(receipt, name) != getattr(stored, name)]
    if differences:
        raise ReceiptExistsError(receipt.bank_reference, differences)
    return stored


async def locked(uow: UnitOfWork, receipt_id: str) -> Receipt:
    """Return a receipt, locked to the end of the transaction; raise `ReceiptNotFoundError`."""
    receipt = await repository.find_for_update(uow.session, receipt_id)
    if receipt is None:
        raise ReceiptNotFoundError(receipt_id)
    return receipt


async def locked_many(uow: UnitOfWork, receipt_ids: Collection[str]) -> dict[str, Receipt]:
    """Return those receipts that there are, locked to the end of the transaction in the order of their ids."""
    found = [await repository.find_for_update(uow.session, receipt_id) for receipt_id in sorted(set(receipt_ids))]
    return {receipt.receipt_id: receipt for receipt in found if receipt is not None}


async def locked_prepayments(uow: UnitOfWork, order_ids: Iterable[str]) -> list[Receipt]:
    """Return the receipts with money for these orders, locked to the end of the transaction, the earliest first."""
    found = await repository.find_prepayments_for_update(uow.session, order_ids)
    return sorted(found, key=lambda one: (one.value_date, one.receipt_id))


async def find(session: AsyncSession, receipt_id: str) -> Receipt:
    """Return a receipt; raise `ReceiptNotFoundError`."""
    row = await repository.find(session, receipt_id)
    if row is None:
        raise ReceiptNotFoundError(receipt_id)
    return to_receipt(row)


async def identified(uow: UnitOfWork, receipt: Receipt, customer_id: str) -> tuple[Receipt, list[Entry]]:
    """Make a receipt that of a customer and tell it; return it with the entry for the ledger.

    One that has a customer already is returned as it is. The caller records the receipt.
    """
    if receipt.customer_id is not None:
        return receipt, []
    known = replace(receipt, customer_id=customer_id)
    entry = identification_entry(
        known, await periods.first_open(uow.session, receipt.company_code, receipt.postable_from)
    )
    known = known.after(entry)
    uow.publish(known.received_event(entry))
    return known, [entry]


async def record(uow: UnitOfWork, receipts: Sequence[Receipt], matches: Matches | None = None) -> None:
    """Write receipts (locked by the caller) as entries left them."""
    if receipts:
        await repository.record(uow.session, receipts, matches)


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of receipts."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
