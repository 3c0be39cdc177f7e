"""Find items by number and by company and number in one index.

Why: each item that is posted was written into eight indexes. The pair is unique in either order, and with the number first its
index also finds what `ix_items_number` was for.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Turn the unique pair round and drop the index of the number alone."""
    op.create_unique_constraint("uq_items_number_company_code", "items", ["number", "company_code"])
    op.drop_constraint("uq_items_company_code_number", "items", type_="unique")
    op.drop_index("ix_items_number", table_name="items")


def downgrade() -> None:
    """Turn it back."""
    op.create_index("ix_items_number", "items", ["number"], unique=False)
    op.create_unique_constraint("uq_items_company_code_number", "items", ["company_code", "number"])
    op.drop_constraint("uq_items_number_company_code", "items", type_="unique")
