"""Keep every fact of the check on the account, so that a check reads one row; start the journal of credit files.

What was delivered and is not invoiced is a category of its own; temporary limits, review dates, dunning levels, broken promises,
returned payments, insured cover and the pool stand beside the limit.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=20, scale=4)


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("delivered", AMOUNT, nullable=False, server_default="0"),
        sa.Column("temporary_limit", AMOUNT, nullable=True),
        sa.Column("temporary_until", sa.Date(), nullable=True),
        sa.Column("limit_decided", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("dunning_level", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("broken_promises", sa.ARRAY(sa.Date()), nullable=False, server_default="{}"),
        sa.Column("returned_payments", sa.ARRAY(sa.Date()), nullable=False, server_default="{}"),
        sa.Column("insured_amount", AMOUNT, nullable=False, server_default="0"),
        sa.Column("insured_cover", AMOUNT, nullable=False, server_default="0"),
        sa.Column("insured_until", sa.Date(), nullable=True),
        sa.Column("pool_id", sa.String(length=64), nullable=True),
    ]


PARTS = "open_orders >= 0 and special >= 0 and unapplied >= 0 and unconverted >= 0"
EXPOSURE = "open_orders + open_items + special - unapplied"


def upgrade() -> None:
    for column in _new_columns():
        op.add_column("credit_accounts", column)
    # The defaults are for rows that are there; a new account states each fact.
    for column in _new_columns():
        op.alter_column("credit_accounts", column.name, server_default=None)
    op.execute(
        "update credit_accounts set limit_decided = true where customer_id in (select customer_id from limit_changes)"
    )
    op.execute(f"alter table credit_accounts alter column exposure set expression as (delivered + {EXPOSURE})")
    op.drop_constraint("parts_not_negative", "credit_accounts", type_="check")
    op.create_check_constraint("parts_not_negative", "credit_accounts", f"delivered >= 0 and {PARTS}")
    op.create_check_constraint(
        "temporary_limit",
        "credit_accounts",
        "(temporary_limit is null) = (temporary_until is null) and coalesce(temporary_limit > 0, true)",
    )
    op.create_check_constraint(
        "facts",
        "credit_accounts",
        "insured_amount >= 0 and insured_cover between 0 and insured_amount and dunning_level >= 0",
    )
    op.create_table(
        "journal_entries",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=True),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(length=128), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "position", name=op.f("pk_journal_entries")),
    )
    op.execute(
        "create trigger append_only before update or delete on journal_entries "
        "for each row execute function refuse_change_of_history()"
    )


def downgrade() -> None:
    op.drop_table("journal_entries")
    op.drop_constraint("facts", "credit_accounts", type_="check")
    op.drop_constraint("temporary_limit", "credit_accounts", type_="check")
    op.drop_constraint("parts_not_negative", "credit_accounts", type_="check")
    op.create_check_constraint("parts_not_negative", "credit_accounts", PARTS)
    op.execute(f"alter table credit_accounts alter column exposure set expression as ({EXPOSURE})")
    for column in reversed(_new_columns()):
        op.drop_column("credit_accounts", column.name)
