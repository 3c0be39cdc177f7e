"""Queries of attachments."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.attachments.tables import AttachmentContentRow, AttachmentRow


def of_customer(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's attachments without their contents."""
    return select(AttachmentRow).where(AttachmentRow.customer_id == customer_id)  # type: ignore[arg-type]


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest attachments."""
    by_age = AttachmentRow.attachment_id.desc()  # type: ignore[attr-defined]
    return of_customer(customer_id).order_by(by_age).limit(count)


async def find(session: AsyncSession, customer_id: str, attachment_id: str) -> AttachmentRow | None:
    """Return an attachment of this customer."""
    row = await session.get(AttachmentRow, attachment_id)
    return row if row is not None and row.customer_id == customer_id else None


async def content(session: AsyncSession, attachment_id: str) -> bytes:
    """Return the content of an attachment that there is."""
    row = await session.get(AttachmentContentRow, attachment_id)
    assert row is not None, "an attachment has a content"
    return row.content
