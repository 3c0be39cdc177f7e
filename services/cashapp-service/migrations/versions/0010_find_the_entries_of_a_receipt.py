"""Find the entries of a receipt by an index.

Why: what was paid with a receipt, and in which order it is taken back when the bank returns it, is read from its entries; until
now that took a look at every entry of the journal. Entries without a receipt, such as the issues of items, are not in it.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_journal_entries_receipt_id",
        "journal_entries",
        ["receipt_id"],
        unique=False,
        postgresql_where="receipt_id is not null",
    )


def downgrade() -> None:
    op.drop_index(
        "ix_journal_entries_receipt_id", table_name="journal_entries", postgresql_where="receipt_id is not null"
    )
