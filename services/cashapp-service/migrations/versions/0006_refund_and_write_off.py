"""Refund what belongs to customers, and write off what will not be paid, with four eyes.

Why: a journal entry names the document that it posts, so that an item's history and an export lead back to the refund,
write-off, recovery or small-balance run.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal_entries", sa.Column("document_id", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_journal_entries_document_id",
        "journal_entries",
        ["document_id"],
        unique=False,
        postgresql_where=sa.text("document_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_journal_entries_document_id", table_name="journal_entries")
    op.drop_column("journal_entries", "document_id")
