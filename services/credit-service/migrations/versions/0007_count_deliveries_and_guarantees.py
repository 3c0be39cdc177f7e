"""Count deliveries as exposure of their own, between open orders and open items, and guarantees as special exposure.

Goods that left are owed for, whatever became of their order: what of a delivery no invoice has taken over counts by itself. An
order may therefore have nothing open and still not be invoiced.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=20, scale=4)
RATE = sa.Numeric(precision=20, scale=10)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", RATE, nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("account_amount", AMOUNT, nullable=False),
        sa.Column("open_amount", AMOUNT, nullable=False),
        sa.Column("account_open", AMOUNT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("cancelled_by", sa.String(length=200), nullable=True),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("status in ('delivered', 'cancelled')", name=op.f("ck_deliveries_status")),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at is not null)", name=op.f("ck_deliveries_cancelled")),
        sa.CheckConstraint(
            "amount > 0 and rate > 0 and account_open >= 0 "
            "and open_amount between 0 and case when status = 'cancelled' then 0 else amount end",
            name=op.f("ck_deliveries_amounts"),
        ),
        sa.PrimaryKeyConstraint("order_id", "delivery_id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_not_invoiced",
        "deliveries",
        ["customer_id", "order_id", "delivery_id"],
        postgresql_where=sa.text("open_amount > 0"),
    )
    op.add_column("orders", sa.Column("delivered_amount", AMOUNT, nullable=False, server_default="0"))
    op.alter_column("orders", "delivered_amount", server_default=None)
    op.drop_constraint("amounts", "orders", type_="check")
    op.create_check_constraint(
        "amounts",
        "orders",
        "amount > 0 and open_amount between 0 and amount and reserved >= 0 and delivered_amount >= 0",
    )
    op.drop_constraint("open_or_ended", "orders", type_="check")
    op.create_check_constraint(
        "open_or_ended",
        "orders",
        "case when status in ('invoiced', 'cancelled', 'rejected') then open_amount = 0 "
        "else open_amount > 0 or delivered_amount > 0 end",
    )
    op.create_table(
        "guarantees",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("guarantee_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", RATE, nullable=False),
        sa.Column("account_amount", AMOUNT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind in ('given', 'received')", name=op.f("ck_guarantees_kind")),
        sa.CheckConstraint("status in ('valid', 'ended')", name=op.f("ck_guarantees_status")),
        sa.CheckConstraint("amount > 0 and rate > 0 and account_amount >= 0", name=op.f("ck_guarantees_amounts")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_guarantees_days")),
        sa.PrimaryKeyConstraint("customer_id", "guarantee_id", name=op.f("pk_guarantees")),
    )
    op.create_index(
        "ix_guarantees_running", "guarantees", ["valid_until"], postgresql_where=sa.text("status = 'valid'")
    )
    op.create_index("ix_open_items_customer", "open_items", ["customer_id", "item_id"])


def downgrade() -> None:
    op.drop_index("ix_open_items_customer", table_name="open_items")
    op.drop_index("ix_guarantees_running", table_name="guarantees")
    op.drop_table("guarantees")
    op.drop_constraint("open_or_ended", "orders", type_="check")
    op.create_check_constraint(
        "open_or_ended", "orders", "(status in ('invoiced', 'cancelled', 'rejected')) = (open_amount = 0)"
    )
    op.drop_constraint("amounts", "orders", type_="check")
    op.create_check_constraint("amounts", "orders", "amount > 0 and open_amount between 0 and amount and reserved >= 0")
    op.drop_column("orders", "delivered_amount")
    op.drop_index("ix_deliveries_not_invoiced", table_name="deliveries")
    op.drop_table("deliveries")
