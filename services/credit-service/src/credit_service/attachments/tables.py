"""One row per attachment and one with its content, which lists need not read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import INSTANT


class AttachmentRow(Row, table=True):
    """A file in a customer's credit file, never changed."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_customer", "customer_id", "attachment_id"),)

    attachment_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    file_name: str = Field(max_length=150)
    media_type: str = Field(max_length=200)
    size_bytes: int
    sha256: str = Field(max_length=64)
    description: str | None
    added_by: str = Field(max_length=200)
    added_at: datetime = Field(sa_type=INSTANT)


class AttachmentContentRow(Row, table=True):
    """The content of an attachment to the letter."""

    __tablename__ = "attachment_contents"

    attachment_id: str = Field(
        max_length=64, primary_key=True, sa_column_args=(ForeignKey("attachments.attachment_id"),)
    )
    content: bytes = Field(sa_type=LargeBinary)
