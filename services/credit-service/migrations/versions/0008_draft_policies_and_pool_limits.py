"""Draft, simulate and activate policies; groups that share a limit.

An order keeps what its policy may ask of it: type, payment terms, prepaid. What is disputed is kept by item, so that a policy may
leave it out of what is overdue. The tree of groups follows the master data; accounts know the pool that they belong to.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    op.add_column("credit_policies", sa.Column("drafted_by", sa.String(length=200), nullable=True))
    op.add_column("credit_policies", sa.Column("note", sa.String(), nullable=True))
    op.create_table(
        "policy_drafts",
        sa.Column("draft_id", sa.String(length=64), nullable=False),
        sa.Column("risk_class", sa.String(length=1), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("simulated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("simulation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(status = 'activated') = (activated_version is not null)", name=op.f("ck_policy_drafts_activated")
        ),
        sa.CheckConstraint(
            "(status in ('activated', 'discarded')) = (decided_by is not null)", name=op.f("ck_policy_drafts_decided")
        ),
        sa.CheckConstraint(
            "status <> 'activated' or decided_by <> drafted_by", name=op.f("ck_policy_drafts_second_person")
        ),
        sa.CheckConstraint(
            "status in ('drafted', 'simulated', 'activated', 'discarded')", name=op.f("ck_policy_drafts_status")
        ),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_policy_drafts")),
    )
    op.create_index("ix_policy_drafts_class", "policy_drafts", ["risk_class", "draft_id"])


def downgrade() -> None:
    op.drop_table("policy_drafts")
    op.drop_column("credit_policies", "note")
    op.drop_column("credit_policies", "drafted_by")
    op.drop_table("group_members")
    op.drop_table("limit_pools")
    op.drop_index("ix_credit_accounts_pool", "credit_accounts")
    op.drop_column("credit_accounts", "pool_rate")
    op.drop_table("disputed_items")
    for column in ("prepaid", "payment_terms", "order_type"):
        op.drop_column("orders", column)
