"""Draft, simulate and activate policies; groups that share a limit.

An order keeps what its policy may ask of it: type, payment terms, prepaid. What is disputed is kept by item, so that a policy may
leave it out of what is overdue.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=20, scale=4)


def upgrade() -> None:
    op.add_column("orders", sa.Column("order_type", sa.String(length=50), nullable=True))
    op.add_column("orders", sa.Column("payment_terms", sa.String(length=100), nullable=True))
    op.add_column("orders", sa.Column("prepaid", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("orders", "prepaid", server_default=None)
    op.create_table(
        "disputed_items",
        sa.Column("dispute_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("disputed", AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("dispute_id", "item_id", name=op.f("pk_disputed_items")),
    )
    op.create_index("ix_disputed_items_item_id", "disputed_items", ["item_id"])


def downgrade() -> None:
    op.drop_table("disputed_items")
    for column in ("prepaid", "payment_terms", "order_type"):
        op.drop_column("orders", column)
