"""Carry on what the parts of an item have earned of its cash discount.

Why: until now the discount of each part was rounded by itself, so that an item paid in many parts was granted a unit more or
less than the discount of the whole. What was granted before counts as what was earned.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FRACTION = sa.Numeric(30, 10)
_NOT_NEGATIVE = "least(payment, discount, {}tolerance, residual) >= 0"


def upgrade() -> None:
    for table, column in (("items", "discount_carried"), ("allocations", "discount_earned")):
        op.add_column(table, sa.Column(column, _FRACTION, nullable=False, server_default="0"))
        op.alter_column(table, column, server_default=None)
    op.execute("update allocations set discount_earned = discount where discount <> 0")
    op.drop_constraint(op.f("ck_allocations_not_negative"), "allocations")
    op.create_check_constraint(
        op.f("ck_allocations_not_negative"), "allocations", _NOT_NEGATIVE.format("discount_earned, ")
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_allocations_not_negative"), "allocations")
    op.create_check_constraint(op.f("ck_allocations_not_negative"), "allocations", _NOT_NEGATIVE.format(""))
    op.drop_column("allocations", "discount_earned")
    op.drop_column("items", "discount_carried")
