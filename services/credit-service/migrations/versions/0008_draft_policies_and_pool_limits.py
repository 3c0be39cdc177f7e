"""Draft, simulate and activate policies; groups that share a limit.

An order keeps what its policy may ask of it: type, payment terms, prepaid. What is disputed is kept by item, so that a policy may
leave it out of what is overdue. The tree of groups follows the master data; accounts know the pool that they belong to.

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
GROUPS = "insert into group_members select customer_id, parent_id from customers where parent_id is not null"


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
    op.add_column("credit_accounts", sa.Column("pool_rate", sa.Numeric(precision=20, scale=10), nullable=True))
    op.create_index(
        "ix_credit_accounts_pool", "credit_accounts", ["pool_id"], postgresql_where=sa.text("pool_id is not null")
    )
    op.create_table(
        "limit_pools",
        sa.Column("pool_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("managed_together", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_limit_pools")),
    )
    op.create_table(
        "group_members",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_group_members")),
    )
    op.create_index(op.f("ix_group_members_parent_id"), "group_members", ["parent_id"])
    op.execute(GROUPS)


def downgrade() -> None:
    op.drop_table("group_members")
    op.drop_table("limit_pools")
    op.drop_index("ix_credit_accounts_pool", "credit_accounts")
    op.drop_column("credit_accounts", "pool_rate")
    op.drop_table("disputed_items")
    for column in ("prepaid", "payment_terms", "order_type"):
        op.drop_column("orders", column)
