"""Let a receipt have more than one payment exception.

Why: a card payment may be charged back in part, and again in another part, each with its own reason, deadline and fee. Their
amounts come to what the receipt says is returned, which cannot be more than its amount.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("uq_payment_exceptions_receipt_id"), "payment_exceptions")
    op.create_index(op.f("ix_payment_exceptions_receipt_id"), "payment_exceptions", ["receipt_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_payment_exceptions_receipt_id"), "payment_exceptions")
    op.create_unique_constraint(op.f("uq_payment_exceptions_receipt_id"), "payment_exceptions", ["receipt_id"])
