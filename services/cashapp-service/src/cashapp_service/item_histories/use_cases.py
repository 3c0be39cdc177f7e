"""Gathering what is recorded of an item and telling it in order."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.item_histories import repository
from cashapp_service.item_histories.domain import Related, Step, life
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from shared.money import exact


async def history_of(session: AsyncSession, item_id: str) -> tuple[Item, list[Step]]:
    """Return an item with its life; raise `ItemNotFoundError`."""
    item = await items.find(session, item_id)
    first = await items.first_of_document(session, item_id) or item_id
    rows = await repository.postings(session, item_id)
    related: dict[str, list[Related]] = {}
    for row in await repository.related(session, item_id, [row.entry_id for row in rows]):
        amount = exact(row.amount, item.currency)
        related.setdefault(row.entry_id, []).append(Related(row.item_id, row.number, amount))
    postings = [_posting(row, item, tuple(related.get(row.entry_id, ()))) for row in rows]
    others = [_submission(row) for row in await repository.submissions(session, first)]
    others += [_dispute(row, item) for row in await repository.disputes(session, item_id)]
    others += [_due_date(change) for change in await items.due_date_changes(session, item_id)]
    return item, life(postings, others)


def _posting(row: Any, item: Item, related: tuple[Related, ...]) -> Step:
    return Step(
        kind=row.kind,
        at=row.posted_at,
        by=row.posted_by,
        detail=_detail(row, item, related),
        amount=exact(row.amount, item.currency),
        posting_date=row.posting_date,
        value_date=row.value_date,
        entry_id=row.entry_id,
        entry_kind=row.entry_kind,
        receipt_id=row.receipt_id,
        application_id=row.application_id,
        dispute_id=row.dispute_id,
        document_id=row.document_id,
        related=related,
    )


_WORDS = {
    "issue": "posted",
    "payment": "paid",
    "discount": "taken as cash discount",
    "credit": "credited",
    "tolerance": "written off within tolerance",
    "write_off": "written off",
    "residual": "carried into a residual item",
}
_BACK = {
    "reversal": "paid before and owed again",
    "discount": "cash discount taken back",
    "credit": "credit taken back",
    "tolerance": "tolerance taken back",
    "write_off": "write-off taken back",
    "residual": "residual taken back",
}


def _detail(row: Any, item: Item, related: tuple[Related, ...]) -> str:
    """Return what a posting did, in a sentence."""
    amount = exact(row.amount, item.currency)
    parts = [f"{abs(amount)} {item.currency} {_words(row, taken_back=(amount > 0) != item.is_credit)}"]
    if row.receipt_id is not None and row.kind in ("payment", "reversal"):
        payer = f" from {row.payer_name}" if row.payer_name else ""
        parts.append(f"by {row.method} of {exact(row.received, row.received_in)} {row.received_in}{payer}")
    if related and row.kind in ("credit", "residual"):
        parts.append("with " + ", ".join(one.number for one in related[:5]) + (" …" if len(related) > 5 else ""))
    if row.dispute_number is not None:
        parts.append(f"by dispute {row.dispute_number}")
    return " ".join(parts)


def _words(row: Any, *, taken_back: bool) -> str:
    if row.kind == "residual" and row.carried_here:
        return "carried over again" if taken_back else "put back where it was carried from"
    told = _BACK if row.kind == "reversal" or (taken_back and row.kind != "issue") else _WORDS
    kind: str = row.kind
    return told.get(kind, kind.replace("_", " "))


def _submission(row: Any) -> Step:
    reference = f" as {row.reference}" if row.reference else ""
    reason = f": {row.failure_reason}" if row.failure_reason else ""
    return Step(
        kind="submission",
        at=row.recorded_at,
        by=row.recorded_by,
        detail=f"{row.status} by {row.channel}{reference} on {row.status_on}{reason}",
        submission_id=row.submission_id,
    )


def _dispute(row: Any, item: Item) -> Step:
    return Step(
        kind="dispute",
        at=row.recorded_at,
        by=None,
        detail=f"dispute {row.number} {row.status.replace('_', ' ')}: "
        f"{exact(row.amount, item.currency)} {item.currency} disputed",
        dispute_id=row.dispute_id,
    )


def _due_date(change: items.DueDateChange) -> Step:
    note = f", {change.note}" if change.note else ""
    return Step(
        kind="due_date",
        at=change.changed_at,
        by=change.changed_by,
        detail=f"due on {change.due_date} instead of {change.previous}: {change.reason_code}{note}",
    )
