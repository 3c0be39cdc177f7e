"""Putting an item's life in order.

The one thing to know: steps stand in the order in which they were recorded, postings in that of the journal, and each says
what was open of the item after it. So the balance of the last step is the item's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

StepKind = Literal[
    "issue",
    "payment",
    "discount",
    "credit",
    "tolerance",
    "write_off",
    "residual",
    "reversal",
    "submission",
    "dispute",
    "due_date",
]


@dataclass(frozen=True, slots=True)
class Related:
    """Another item that the same entry changed: a memo netted, an invoice credited, the residual."""

    item_id: str
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to an item; `amount` is by how much it changed the balance, None where it is no posting."""

    kind: StepKind
    at: datetime
    by: str | None
    detail: str
    amount: Decimal | None = None
    balance: Decimal = Decimal(0)
    posting_date: date | None = None
    value_date: date | None = None
    entry_id: str | None = None
    entry_kind: str | None = None
    receipt_id: str | None = None
    application_id: str | None = None
    dispute_id: str | None = None
    document_id: str | None = None
    submission_id: str | None = None
    related: tuple[Related, ...] = ()


def life(postings: Sequence[Step], others: Iterable[Step]) -> list[Step]:
    """Return all steps in order with the balance after each; `postings` come in the order of the journal."""
    latest = None
    ordered: list[tuple[datetime, int, Step]] = []
    for one in postings:
        # Two clocks may differ a little; the journal's order is the one that counts.
        latest = one.at if latest is None else max(latest, one.at)
        ordered.append((latest, 0, one))
    ordered += [(one.at, 1, one) for one in others]
    balance = Decimal(0)
    steps = []
    for _, _, one in sorted(ordered, key=lambda found: found[:2]):
        balance += one.amount or 0
        steps.append(replace(one, balance=balance))
    return steps
