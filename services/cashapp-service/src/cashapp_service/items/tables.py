"""One row per item: its balance is kept beside it, and is the sum of its lines on `receivables`."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from cashapp_service.items.domain.item import Item, PostedItem
from cashapp_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, FRACTION, INSTANT
from shared.money import exact


class ItemRow(Row, table=True):
    """An item; amount and balance are negative for a credit memo."""

    __tablename__ = "items"
    __table_args__ = (
        # The number first, so that who knows no company finds it by the same index.
        UniqueConstraint("number", "company_code"),
        CheckConstraint("amount <> 0 and (amount < 0) = (kind = 'credit_memo')", name="signed_by_kind"),
        CheckConstraint(
            "balance between least(amount, 0) and greatest(amount, 0)",
            name="balance_never_crosses_zero_or_amount",
        ),
        CheckConstraint("(status = 'cleared') = (balance = 0)", name="cleared_when_nothing_is_open"),
        CheckConstraint("disputed_amount >= 0", name="disputed_not_negative"),
        Index("ix_items_customer_id", "customer_id", "due_date", "item_id"),
        Index("ix_items_open", "due_date", "item_id", postgresql_where="status = 'open'"),
        # A document without instalments and the first instalment of another cannot share a number.
        Index(
            "uq_items_document_number", "company_code", "document_number", text("coalesce(instalment, 1)"), unique=True
        ),
        Index("ix_items_refers_to", "company_code", "refers_to", postgresql_where="refers_to is not null"),
        Index(
            "ix_items_not_delivered",
            "issue_date",
            "item_id",
            postgresql_where="status = 'open' and submission in ('pending', 'submitted', 'failed')",
        ),
        CheckConstraint("amount * tax_amount >= 0 and abs(tax_amount) <= abs(amount)", name="tax_is_part_of_amount"),
        CheckConstraint("instalment > 0", name="instalment_positive"),
        Index(
            "ix_items_match_keys",
            "match_keys",
            postgresql_using="gin",
            postgresql_where="status = 'open'",
            # Put off, the keys of many items would be written by one caller, who waits for it.
            postgresql_with={"fastupdate": "off"},
        ),
    )

    item_id: str = Field(primary_key=True, max_length=64)
    version: int
    company_code: str = Field(max_length=20)
    number: str = Field(max_length=64)
    document_number: str = Field(max_length=64)
    instalment: int | None
    kind: str = Field(max_length=24)
    customer_id: str = Field(max_length=64)
    issue_date: date
    posting_date: date
    due_date: date
    postable_from: date
    last_posting_date: date
    amount: Decimal = Field(sa_type=AMOUNT)
    tax_amount: Decimal = Field(sa_type=AMOUNT)
    balance: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    status: str = Field(max_length=8)
    payment_terms: str | None = Field(max_length=100)
    order_id: str | None = Field(max_length=64)
    po_number: str | None = Field(max_length=64)
    reference: str | None = Field(max_length=200)
    reason_code: str | None = Field(max_length=40)
    refers_to: str | None = Field(max_length=64)
    lines: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    submission: str = Field(max_length=12)
    discount_carried: Decimal = Field(sa_type=FRACTION)
    disputed_amount: Decimal = Field(sa_type=AMOUNT)
    match_keys: list[str] = Field(sa_type=ARRAY(Text))
    posted_at: datetime = Field(sa_type=INSTANT)
    posted_by: str | None = Field(max_length=200)


class DueDateChangeRow(Row, table=True):
    """A change of an item's due date: the item's version that it made, and who wanted it why."""

    __tablename__ = "due_date_changes"

    item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id")
    version: int = Field(primary_key=True)
    previous: date
    due_date: date
    reason_code: str = Field(max_length=40)
    note: str | None = Field(max_length=400)
    changed_at: datetime = Field(sa_type=INSTANT)
    changed_by: str | None = Field(max_length=200)


ITEM_COLUMNS = tuple(one.name for one in fields(Item))
"""The columns that make an item; each has the name of its field."""
CHANGED_COLUMNS = ("balance", "status", "version", "postable_from", "last_posting_date", "discount_carried")


def to_item(row: Any) -> Item:
    """Return the item of a row that has at least `ITEM_COLUMNS`."""
    return Item(
        item_id=row.item_id,
        company_code=row.company_code,
        number=row.number,
        document_number=row.document_number,
        instalment=row.instalment,
        kind=row.kind,
        customer_id=row.customer_id,
        issue_date=row.issue_date,
        posting_date=row.posting_date,
        due_date=row.due_date,
        postable_from=row.postable_from,
        amount=exact(row.amount, row.currency),
        tax_amount=exact(row.tax_amount, row.currency),
        currency=row.currency,
        balance=exact(row.balance, row.currency),
        version=row.version,
        last_posting_date=row.last_posting_date,
        payment_terms=row.payment_terms,
        order_id=row.order_id,
        po_number=row.po_number,
        reference=row.reference,
        reason_code=row.reason_code,
        refers_to=row.refers_to,
        submission=row.submission,
        discount_carried=row.discount_carried,
    )


def to_posted(row: ItemRow) -> PostedItem:
    """Return the item of a row with all that is shown of it."""
    return PostedItem(to_item(row), row.lines, exact(row.disputed_amount, row.currency), row.posted_at, row.posted_by)


class NewItem(NamedTuple):
    """An item that is not in the database yet, the document's lines that it keeps, and the texts that find it."""

    item: Item
    lines: Sequence[dict[str, Any]]
    match_keys: Sequence[str]


def written_columns(new: NewItem) -> tuple[str | None, ...]:
    """Return a new item as text in the order of the table's columns, up to who posted it when; nothing of it is disputed."""
    item = new.item
    return (
        item.item_id,
        str(item.version),
        item.company_code,
        item.number,
        item.document_number or item.number,
        str(item.instalment) if item.instalment else None,
        item.kind,
        item.customer_id,
        item.issue_date.isoformat(),
        item.posted_on.isoformat(),
        item.due_date.isoformat(),
        item.postable_from.isoformat(),
        item.last_posting_date.isoformat(),
        str(item.amount),
        str(item.tax_amount),
        str(item.balance),
        item.currency,
        _status(item),
        item.payment_terms,
        item.order_id,
        item.po_number,
        item.reference,
        item.reason_code,
        item.refers_to,
        msgspec.json.encode(new.lines).decode() if new.lines else "[]",
        item.submission,
        str(item.discount_carried),
        "0",
        # Match keys are letters, digits and points: no array needs quotes for them.
        "{" + ",".join(new.match_keys) + "}",
    )


def _status(item: Item) -> str:
    return "open" if item.balance else "cleared"


def changed_columns(item: Item) -> dict[str, Any]:
    """Return what a posting changes of a row, by `CHANGED_COLUMNS`."""
    return {
        "balance": item.balance,
        "status": _status(item),
        "version": item.version,
        "postable_from": item.postable_from,
        "last_posting_date": item.last_posting_date,
        "discount_carried": item.discount_carried,
    }
