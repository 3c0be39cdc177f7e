"""Take back what a part of an item was granted of its discount for another part that was taken back.

Why: a payment that was returned left the discount that it had earned with the part that had taken it. Such a change makes
another version of its application, which is counted from now on instead of told from its status.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "allocations", sa.Column("discount_taken_back", sa.Numeric(20, 4), nullable=False, server_default="0")
    )
    op.add_column("applications", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.execute("update applications set version = 2 where status = 'reversed'")
    op.alter_column("allocations", "discount_taken_back", server_default=None)
    op.alter_column("applications", "version", server_default=None)
    op.create_check_constraint(
        op.f("ck_allocations_no_more_taken_back_than_granted"),
        "allocations",
        "discount_taken_back between 0 and discount",
    )
    op.create_check_constraint(op.f("ck_applications_version_is_positive"), "applications", "version > 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_applications_version_is_positive"), "applications")
    op.drop_constraint(op.f("ck_allocations_no_more_taken_back_than_granted"), "allocations")
    op.drop_column("applications", "version")
    op.drop_column("allocations", "discount_taken_back")
