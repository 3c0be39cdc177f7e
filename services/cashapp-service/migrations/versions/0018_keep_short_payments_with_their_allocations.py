"""Keep with each allocation the short payment that it told of.

Why: a payment of which the bank takes back a part, or that is won back, pays its items again. What the customer had held back of
one goes on then: the same short payment in its next version, so that dispute-service goes on with the same case. Those told of
so far are in the outbox.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TOLD = """
    update allocations w set short_payment_id = t.data ->> 'short_payment_id', short_payment_version = 1
    from (select cast(body as jsonb) -> 'data' as data from outbox where type = 'payment.short_paid') t
    where w.application_id = t.data ->> 'application_id' and w.item_id = t.data #>> '{item,item_id}'
"""


def upgrade() -> None:
    op.add_column("allocations", sa.Column("short_payment_id", sa.String(length=64), nullable=True))
    op.add_column("allocations", sa.Column("short_payment_version", sa.Integer(), nullable=True))
    op.execute(_TOLD)
    op.create_check_constraint(
        op.f("ck_allocations_a_dispute_is_told_in_a_version"),
        "allocations",
        "short_payment_version > 0 and shortfall = 'dispute'"
        " or num_nonnulls(short_payment_id, short_payment_version) = 0",
    )
    op.create_index(
        "ix_allocations_short_payment",
        "allocations",
        ["short_payment_id", "short_payment_version"],
        unique=True,
        postgresql_where=sa.text("short_payment_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_allocations_short_payment", "allocations")
    op.drop_constraint(op.f("ck_allocations_a_dispute_is_told_in_a_version"), "allocations")
    op.drop_column("allocations", "short_payment_version")
    op.drop_column("allocations", "short_payment_id")
