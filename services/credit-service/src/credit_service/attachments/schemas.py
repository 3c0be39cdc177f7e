"""Shapes of attachments on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from credit_service.attachments.tables import AttachmentRow


class Attachment(BaseModel):
    """A file in a customer's credit file; its content is at `…/attachments/{id}/content`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "att_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "file_name": "balance sheet 2025.pdf",
                    "media_type": "application/pdf",
                    "size_bytes": 183204,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "description": "Audited, from the customer's accountant.",
                    "added_by": "credit_analyst",
                    "added_at": "2026-03-02T08:15:00Z",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    file_name: str = Field(description="As sent, without folders and control characters")
    media_type: str = Field(description="As told by the sender")
    size_bytes: int = Field(description="Size of the content in bytes")
    sha256: str = Field(description="SHA-256 of the content in hexadecimal digits")
    description: str | None = Field(description="What it is, as told by who added it")
    added_by: str = Field(description="Who added it")
    added_at: datetime = Field(description="When, in UTC")


def shown(row: AttachmentRow) -> Attachment:
    """Return an attachment as it is shown."""
    return Attachment.model_validate(row.model_dump() | {"id": row.attachment_id})
