"""Keep what is reserved by delivery date: a check added up every open order of its customer.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reserved_days",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("delivery_date", sa.Date(), nullable=False),
        sa.Column("reserved", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "delivery_date", name=op.f("pk_reserved_days")),
        postgresql_with={"fillfactor": 70},
    )
    op.execute(
        "insert into reserved_days (customer_id, delivery_date, reserved) "
        "select customer_id, requested_delivery_date, sum(reserved) from orders "
        "where reserved > 0 and requested_delivery_date is not null group by customer_id, requested_delivery_date"
    )


def downgrade() -> None:
    op.drop_table("reserved_days")
