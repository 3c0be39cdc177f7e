"""Refund what belongs to customers, and write off what will not be paid, with four eyes.

Why: a journal entry names the document that it posts, so that an item's history and an export lead back to the refund,
write-off, recovery or small-balance run.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journal_entries", sa.Column("document_id", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_journal_entries_document_id",
        "journal_entries",
        ["document_id"],
        unique=False,
        postgresql_where=sa.text("document_id is not null"),
    )
    op.create_table(
        "refunds",
        sa.Column("refund_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("bank_account", sa.String(length=64), nullable=True),
        sa.Column("paid_from", sa.String(length=64), nullable=True),
        sa.Column("ledger_account", sa.String(length=40), nullable=True),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=4000), nullable=True),
        sa.Column("refunded_on", sa.Date(), nullable=True),
        sa.Column("payment_reference", sa.String(length=200), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("reversed_by", sa.String(length=200), nullable=True),
        sa.Column("reversal_reason", sa.String(length=4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_on is not null)", name=op.f("ck_refunds_reversed_on_a_day")
        ),
        sa.CheckConstraint(
            "(status in ('approved', 'paid', 'reversed')) = (refunded_on is not null)",
            name=op.f("ck_refunds_posted_on_a_day"),
        ),
        sa.CheckConstraint(
            "(status in ('pending', 'cancelled')) = (decided_by is null)", name=op.f("ck_refunds_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "status <> 'paid' or payment_reference is not null", name=op.f("ck_refunds_paid_by_a_payment")
        ),
        sa.CheckConstraint(
            "status in ('pending', 'approved', 'paid', 'rejected', 'cancelled', 'reversed')",
            name=op.f("ck_refunds_known_status"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_positive")),
        sa.CheckConstraint("decided_by <> requested_by", name=op.f("ck_refunds_four_eyes")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_customer_id", "refunds", ["customer_id", "refund_id"], unique=False)
    op.create_index("ix_refunds_status", "refunds", ["status", "refund_id"], unique=False)
    op.create_table(
        "refund_parts",
        sa.Column("refund_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=True),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("from_unapplied", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("from_on_account", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("recharged_item_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "amount > 0 and least(from_unapplied, from_on_account) >= 0", name=op.f("ck_refund_parts_positive")
        ),
        sa.CheckConstraint("from_unapplied + from_on_account in (0, amount)", name=op.f("ck_refund_parts_taken_whole")),
        sa.CheckConstraint("num_nonnulls(receipt_id, item_id) = 1", name=op.f("ck_refund_parts_of_one_source")),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_refund_parts_item_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_refund_parts_receipt_id")),
        sa.ForeignKeyConstraint(
            ["recharged_item_id"], ["items.item_id"], name=op.f("fk_refund_parts_recharged_item_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.refund_id"], name=op.f("fk_refund_parts_refund_id")),
        sa.PrimaryKeyConstraint("refund_id", "position", name=op.f("pk_refund_parts")),
    )
    op.create_index(op.f("ix_refund_parts_item_id"), "refund_parts", ["item_id"], unique=False)
    op.create_index(op.f("ix_refund_parts_receipt_id"), "refund_parts", ["receipt_id"], unique=False)
    op.create_table(
        "write_offs",
        sa.Column("write_off_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=4000), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("reversed_by", sa.String(length=200), nullable=True),
        sa.Column("reversal_reason", sa.String(length=4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_on is not null)", name=op.f("ck_write_offs_reversed_on_a_day")
        ),
        sa.CheckConstraint(
            "(status in ('approved', 'reversed')) = (posted_on is not null)", name=op.f("ck_write_offs_posted_on_a_day")
        ),
        sa.CheckConstraint(
            "(status in ('pending', 'cancelled')) = (decided_by is null)",
            name=op.f("ck_write_offs_decided_by_somebody"),
        ),
        sa.CheckConstraint("account in ('bad_debt', 'allowance')", name=op.f("ck_write_offs_known_account")),
        sa.CheckConstraint(
            "status in ('pending', 'approved', 'rejected', 'cancelled', 'reversed')",
            name=op.f("ck_write_offs_known_status"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_write_offs_positive")),
        sa.CheckConstraint("decided_by <> requested_by", name=op.f("ck_write_offs_four_eyes")),
        sa.CheckConstraint("jsonb_array_length(evidence) > 0", name=op.f("ck_write_offs_with_evidence")),
        sa.PrimaryKeyConstraint("write_off_id", name=op.f("pk_write_offs")),
        sa.UniqueConstraint("request_id", name=op.f("uq_write_offs_request_id")),
    )
    op.create_index("ix_write_offs_customer_id", "write_offs", ["customer_id", "write_off_id"], unique=False)
    op.create_index("ix_write_offs_status", "write_offs", ["status", "write_off_id"], unique=False)
    op.create_table(
        "recoveries",
        sa.Column("recovery_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("write_off_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("from_unapplied", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("from_on_account", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("reversed_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_on is not null)", name=op.f("ck_recoveries_reversed_on_a_day")
        ),
        sa.CheckConstraint("status in ('active', 'reversed')", name=op.f("ck_recoveries_known_status")),
        sa.CheckConstraint("amount = from_unapplied + from_on_account", name=op.f("ck_recoveries_taken_whole")),
        sa.CheckConstraint(
            "amount > 0 and least(from_unapplied, from_on_account) >= 0", name=op.f("ck_recoveries_positive")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_recoveries_item_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_recoveries_receipt_id")),
        sa.ForeignKeyConstraint(["write_off_id"], ["write_offs.write_off_id"], name=op.f("fk_recoveries_write_off_id")),
        sa.PrimaryKeyConstraint("recovery_id", name=op.f("pk_recoveries")),
    )
    op.create_index(op.f("ix_recoveries_item_id"), "recoveries", ["item_id"], unique=False)
    op.create_index(op.f("ix_recoveries_receipt_id"), "recoveries", ["receipt_id"], unique=False)
    op.create_index(op.f("ix_recoveries_write_off_id"), "recoveries", ["write_off_id"], unique=False)
    op.create_table(
        "write_off_items",
        sa.Column("write_off_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("disputed_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("recovered", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.CheckConstraint("amount > 0 and disputed_amount >= 0", name=op.f("ck_write_off_items_positive")),
        sa.CheckConstraint(
            "recovered between 0 and amount", name=op.f("ck_write_off_items_recovered_at_most_what_was_written_off")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_write_off_items_item_id")),
        sa.ForeignKeyConstraint(
            ["write_off_id"], ["write_offs.write_off_id"], name=op.f("fk_write_off_items_write_off_id")
        ),
        sa.PrimaryKeyConstraint("write_off_id", "item_id", name=op.f("pk_write_off_items")),
    )
    op.create_index(op.f("ix_write_off_items_item_id"), "write_off_items", ["item_id"], unique=False)
    op.create_table(
        "small_balance_runs",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("max_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("older_than_days", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("debits", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("credits", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=4000), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("reversed_by", sa.String(length=200), nullable=True),
        sa.Column("reversal_reason", sa.String(length=4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_on is not null)", name=op.f("ck_small_balance_runs_reversed_on_a_day")
        ),
        sa.CheckConstraint(
            "(status in ('posted', 'reversed')) = (posted_on is not null)",
            name=op.f("ck_small_balance_runs_posted_on_a_day"),
        ),
        sa.CheckConstraint(
            "status in ('pending', 'posted', 'rejected', 'reversed')", name=op.f("ck_small_balance_runs_known_status")
        ),
        sa.CheckConstraint("decided_by <> requested_by", name=op.f("ck_small_balance_runs_four_eyes")),
        sa.CheckConstraint(
            "max_amount > 0 and least(debits, credits) >= 0", name=op.f("ck_small_balance_runs_sums_are_not_negative")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_small_balance_runs")),
    )
    op.create_index("ix_small_balance_runs_status", "small_balance_runs", ["status", "run_id"], unique=False)
    op.create_table(
        "small_balance_items",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("balance", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'skipped') = (reason is not null)", name=op.f("ck_small_balance_items_skipped_for_a_reason")
        ),
        sa.CheckConstraint(
            "outcome in ('waiting', 'posted', 'skipped')", name=op.f("ck_small_balance_items_known_outcome")
        ),
        sa.CheckConstraint("balance <> 0", name=op.f("ck_small_balance_items_something_is_open")),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_small_balance_items_item_id")),
        sa.ForeignKeyConstraint(["run_id"], ["small_balance_runs.run_id"], name=op.f("fk_small_balance_items_run_id")),
        sa.PrimaryKeyConstraint("run_id", "item_id", name=op.f("pk_small_balance_items")),
    )
    op.create_index(op.f("ix_small_balance_items_item_id"), "small_balance_items", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_small_balance_items_item_id"), table_name="small_balance_items")
    op.drop_table("small_balance_items")
    op.drop_index("ix_small_balance_runs_status", table_name="small_balance_runs")
    op.drop_table("small_balance_runs")
    op.drop_index(op.f("ix_write_off_items_item_id"), table_name="write_off_items")
    op.drop_table("write_off_items")
    op.drop_index(op.f("ix_recoveries_write_off_id"), table_name="recoveries")
    op.drop_index(op.f("ix_recoveries_receipt_id"), table_name="recoveries")
    op.drop_index(op.f("ix_recoveries_item_id"), table_name="recoveries")
    op.drop_table("recoveries")
    op.drop_index("ix_write_offs_status", table_name="write_offs")
    op.drop_index("ix_write_offs_customer_id", table_name="write_offs")
    op.drop_table("write_offs")
    op.drop_index(op.f("ix_refund_parts_receipt_id"), table_name="refund_parts")
    op.drop_index(op.f("ix_refund_parts_item_id"), table_name="refund_parts")
    op.drop_table("refund_parts")
    op.drop_index("ix_refunds_status", table_name="refunds")
    op.drop_index("ix_refunds_customer_id", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_journal_entries_document_id", table_name="journal_entries")
    op.drop_column("journal_entries", "document_id")
