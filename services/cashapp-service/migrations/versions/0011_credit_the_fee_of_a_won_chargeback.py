"""Keep the credit memo by which the fee of a won chargeback is given back.

Why: a payment whose chargeback was won was good all the time, so that the customer owes nothing for its return.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment_exceptions", sa.Column("fee_credit_item_id", sa.String(length=64), nullable=True))
    op.create_foreign_key(
        op.f("fk_payment_exceptions_fee_credit_item_id_items"),
        "payment_exceptions",
        "items",
        ["fee_credit_item_id"],
        ["item_id"],
    )
    op.create_unique_constraint(
        op.f("uq_payment_exceptions_fee_credit_item_id"), "payment_exceptions", ["fee_credit_item_id"]
    )
    op.create_check_constraint(
        op.f("ck_payment_exceptions_fee_credited_when_won"),
        "payment_exceptions",
        "fee_credit_item_id is null or (fee_item_id is not null and outcome = 'won') is true",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_payment_exceptions_fee_credited_when_won"), "payment_exceptions")
    op.drop_constraint(op.f("uq_payment_exceptions_fee_credit_item_id"), "payment_exceptions")
    op.drop_constraint(op.f("fk_payment_exceptions_fee_credit_item_id_items"), "payment_exceptions")
    op.drop_column("payment_exceptions", "fee_credit_item_id")
