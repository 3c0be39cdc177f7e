"""Tell what an invoice is made of: lines, tax, instalments, down payments; and whether it was delivered.

Why: a document in instalments makes several items, so its own number stands beside theirs and is unique by itself. The day of its
posting may be another than that of its issue. Items that are there already were not tracked on their way to the customer.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NOT_DELIVERED = "status = 'open' and submission in ('pending', 'submitted', 'failed')"
_TAX_IS_PART = "amount * tax_amount >= 0 and abs(tax_amount) <= abs(amount)"


def upgrade() -> None:
    _tell_of_items()
    op.create_table(
        "down_payment_settlements",
        sa.Column("request_item_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("deducted", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("withdrawn", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("deducted >= 0 and withdrawn >= 0", name=op.f("ck_down_payment_settlements_not_negative")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entries.entry_id"], name=op.f("fk_down_payment_settlements_entry_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_down_payment_settlements_item_id")),
        sa.ForeignKeyConstraint(
            ["request_item_id"], ["items.item_id"], name=op.f("fk_down_payment_settlements_request_item_id")
        ),
        sa.PrimaryKeyConstraint("request_item_id", "item_id", name=op.f("pk_down_payment_settlements")),
    )
    op.create_index("ix_down_payment_settlements_item_id", "down_payment_settlements", ["item_id"], unique=False)
    _follow_submissions()
    _tell_of_the_past()
    op.add_column("customers", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column(
        "customers",
        sa.Column("payment_requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column("customers", "payment_requirements", server_default=None)
    op.add_column("journal_entries", sa.Column("posted_by", sa.String(length=200), nullable=True))


def _tell_of_items() -> None:
    op.add_column("items", sa.Column("document_number", sa.String(length=64), nullable=True))
    op.add_column("items", sa.Column("instalment", sa.Integer(), nullable=True))
    op.add_column("items", sa.Column("posting_date", sa.Date(), nullable=True))
    op.add_column("items", sa.Column("tax_amount", sa.Numeric(precision=20, scale=4), nullable=True))
    op.add_column("items", sa.Column("reason_code", sa.String(length=40), nullable=True))
    op.add_column("items", sa.Column("refers_to", sa.String(length=64), nullable=True))
    op.add_column("items", sa.Column("submission", sa.String(length=12), nullable=True))
    op.add_column("items", sa.Column("posted_by", sa.String(length=200), nullable=True))
    op.execute(
        "update items set document_number = number, posting_date = issue_date, tax_amount = 0, submission = 'not_required'"
    )
    for column in ("document_number", "posting_date", "tax_amount", "submission"):
        op.alter_column("items", column, nullable=False)
    op.create_check_constraint("tax_is_part_of_amount", "items", _TAX_IS_PART)
    op.create_check_constraint("instalment_positive", "items", "instalment > 0")
    op.create_index(
        "uq_items_document_number",
        "items",
        ["company_code", "document_number", sa.text("coalesce(instalment, 1)")],
        unique=True,
    )
    op.create_index(
        "ix_items_refers_to",
        "items",
        ["company_code", "refers_to"],
        unique=False,
        postgresql_where=sa.text("refers_to is not null"),
    )
    op.create_index(
        "ix_items_not_delivered",
        "items",
        ["issue_date", "item_id"],
        unique=False,
        postgresql_where=sa.text(_NOT_DELIVERED),
    )


def _follow_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("failure_reason", sa.String(length=400), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("status_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(status = 'failed') = (failure_reason is not null)", name=op.f("ck_submissions_failed_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_submissions_item_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("item_id", "position", name=op.f("uq_submissions_item_id_position")),
    )
    op.create_index(
        "uq_submissions_reference",
        "submissions",
        ["item_id", "channel", "reference"],
        unique=True,
        postgresql_where=sa.text("reference is not null"),
    )
    op.create_table(
        "submission_steps",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("status_on", sa.Date(), nullable=False),
        sa.Column("failure_reason", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.submission_id"], name=op.f("fk_submission_steps_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "status", name=op.f("pk_submission_steps")),
    )


def _tell_of_the_past() -> None:
    """Keep what an item's history tells beside its postings."""
    op.create_table(
        "due_date_changes",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_due_date_changes_item_id")),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_due_date_changes")),
    )
    op.create_table(
        "dispute_steps",
        sa.Column("dispute_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dispute_id", "version", "item_id", name=op.f("pk_dispute_steps")),
    )
    op.create_index("ix_dispute_steps_item_id", "dispute_steps", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_table("dispute_steps")
    op.drop_table("due_date_changes")
    op.drop_table("submission_steps")
    op.drop_table("submissions")
    op.drop_column("journal_entries", "posted_by")
    op.drop_column("customers", "payment_requirements")
    op.drop_column("customers", "country")
    op.drop_table("down_payment_settlements")
    for index in ("ix_items_not_delivered", "ix_items_refers_to", "uq_items_document_number"):
        op.drop_index(index, table_name="items")
    for constraint in ("instalment_positive", "tax_is_part_of_amount"):
        op.drop_constraint(op.f(f"ck_items_{constraint}"), "items", type_="check")
    for column in (
        "posted_by",
        "submission",
        "refers_to",
        "reason_code",
        "tax_amount",
        "posting_date",
        "instalment",
        "document_number",
    ):
        op.drop_column("items", column)
