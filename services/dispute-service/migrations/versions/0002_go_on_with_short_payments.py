"""Let a short payment go on with another application, and its case with it.

Why: a payment that the bank takes back in part, or gives back, pays its items again. The claim of the customer is the same one,
so its case goes on from where it stood, instead of staying void beside a new one.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("short_payments", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("short_payments", "version", server_default=None)
    op.add_column("short_payments", sa.Column("stage_before", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("short_payments", "stage_before")
    op.drop_column("short_payments", "version")
