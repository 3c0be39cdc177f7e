"""Know a return by the bank's own number of it.

Why: a card payment may come back in part more than once, so that the same notice sent twice took the part twice. By the case's
number and the receipt a return is known again; what was said of it then is compared.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment_exceptions", sa.Column("case_reference", sa.String(length=200), nullable=True))
    op.add_column("payment_exceptions", sa.Column("said", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_payment_exceptions_said_under_its_reference"),
        "payment_exceptions",
        "(case_reference is null) = (said is null)",
    )
    op.create_index(
        "ix_payment_exceptions_case_reference",
        "payment_exceptions",
        ["case_reference", "receipt_id"],
        unique=True,
        postgresql_where=sa.text("case_reference is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_payment_exceptions_case_reference", "payment_exceptions")
    op.drop_constraint(op.f("ck_payment_exceptions_said_under_its_reference"), "payment_exceptions")
    op.drop_column("payment_exceptions", "said")
    op.drop_column("payment_exceptions", "case_reference")
