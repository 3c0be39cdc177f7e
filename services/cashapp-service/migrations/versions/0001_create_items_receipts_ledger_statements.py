"""Create items, receipts, ledger, bank statements and the shared tables, in one step.

Why: the first version of the service. The journal is append-only and every entry balances at commit: triggers refuse
what breaks that, whoever does it. CHECK constraints keep an item's balance between zero and its amount, and a
receipt's amount equal to the sum of its parts.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_accounts",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("ledger_account", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_bank_accounts")),
    )
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=True),
        sa.Column("bank_account_fingerprints", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customers")),
    )
    op.create_table(
        "disputed_items",
        sa.Column("dispute_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disputed_items_positive")),
        sa.PrimaryKeyConstraint("dispute_id", "item_id", name=op.f("pk_disputed_items")),
    )
    op.create_index(op.f("ix_disputed_items_item_id"), "disputed_items", ["item_id"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("dispute_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("dispute_id", name=op.f("pk_disputes")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=200), nullable=False, comment="who sent it: a key is the caller's own"),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, comment="SHA-256 of method, path and body"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=80), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "items",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("postable_from", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("balance", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("payment_terms", sa.String(length=100), nullable=True),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("po_number", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("disputed_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("match_keys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'cleared') = (balance = 0)", name=op.f("ck_items_cleared_when_nothing_is_open")),
        sa.CheckConstraint(
            "amount <> 0 and (amount < 0) = (kind = 'credit_memo')", name=op.f("ck_items_signed_by_kind")
        ),
        sa.CheckConstraint(
            "balance between least(amount, 0) and greatest(amount, 0)",
            name=op.f("ck_items_balance_never_crosses_zero_or_amount"),
        ),
        sa.CheckConstraint("disputed_amount >= 0", name=op.f("ck_items_disputed_not_negative")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_items")),
        sa.UniqueConstraint("company_code", "number", name=op.f("uq_items_company_code_number")),
    )
    op.create_index("ix_items_customer_id", "items", ["customer_id", "due_date", "item_id"], unique=False)
    op.create_index(
        "ix_items_match_keys",
        "items",
        ["match_keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_where="status = 'open'",
    )
    op.create_index("ix_items_number", "items", ["number"], unique=False)
    op.create_index("ix_items_open", "items", ["due_date", "item_id"], unique=False, postgresql_where="status = 'open'")
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("natural_key", sa.String(length=200), nullable=True, comment="what makes two requests the same job"),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True, comment="an uploaded file"),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("natural_key", name=op.f("uq_jobs_natural_key")),
    )
    op.create_index(
        "ix_jobs_waiting", "jobs", ["created_at"], unique=False, postgresql_where=sa.text("finished_at IS NULL")
    )
    op.create_table(
        "journal_entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("posting_date", sa.Date(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=True),
        sa.Column("application_id", sa.String(length=64), nullable=True),
        sa.Column("dispute_id", sa.String(length=64), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("sequence", name=op.f("uq_journal_entries_sequence")),
    )
    op.create_table(
        "learned_payers",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("payer", sa.String(length=400), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("confirmations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "payer", "customer_id", name=op.f("pk_learned_payers")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the CloudEvent as published"),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
    )
    op.create_index(
        "ix_outbox_unpublished", "outbox", ["position"], unique=False, postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_table(
        "receipts",
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("postable_from", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("applied", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("on_account", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unapplied", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("unidentified", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("refunded", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("returned", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("payer_name", sa.String(length=400), nullable=True),
        sa.Column("payer_account", sa.String(length=64), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("bank_reference", sa.String(length=200), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("remittance", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ledger_account", sa.String(length=40), nullable=False),
        sa.Column("match", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount > 0 and amount = applied + on_account + unapplied + unidentified + refunded + returned",
            name=op.f("ck_receipts_amount_is_the_sum_of_its_parts"),
        ),
        sa.CheckConstraint(
            "case when customer_id is null then applied + on_account + unapplied + refunded = 0 else unidentified = 0 end",
            name=op.f("ck_receipts_unidentified_without_customer"),
        ),
        sa.CheckConstraint(
            "least(applied, on_account, unapplied, unidentified, refunded, returned) >= 0",
            name=op.f("ck_receipts_no_part_is_negative"),
        ),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_customer_id", "receipts", ["customer_id", "value_date", "receipt_id"], unique=False)
    op.create_index("ix_receipts_status", "receipts", ["status", "value_date", "receipt_id"], unique=False)
    op.create_index("ix_receipts_value_date", "receipts", ["value_date", "receipt_id"], unique=False)
    op.create_index(
        "uq_receipts_bank_reference",
        "receipts",
        ["company_code", "bank_reference"],
        unique=True,
        postgresql_where="source = 'api' and bank_reference is not null",
    )
    op.create_table(
        "applications",
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("posting_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("from_unapplied", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("from_on_account", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("to_on_account", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("applied_by", sa.String(length=200), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_on is not null)", name=op.f("ck_applications_reversed_on_a_day")
        ),
        sa.CheckConstraint(
            "least(from_unapplied, from_on_account, to_on_account) >= 0",
            name=op.f("ck_applications_moves_are_not_negative"),
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_applications_receipt_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_applications")),
    )
    op.create_index(op.f("ix_applications_receipt_id"), "applications", ["receipt_id"], unique=False)
    op.create_table(
        "dispute_credits",
        sa.Column("dispute_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("memo_item_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["memo_item_id"], ["items.item_id"], name=op.f("fk_dispute_credits_memo_item_id")),
        sa.PrimaryKeyConstraint("dispute_id", "version", name=op.f("pk_dispute_credits")),
    )
    op.create_table(
        "journal_lines",
        sa.Column("posting_id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("debit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("credit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("posting_date", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("receipt_id", sa.String(length=64), nullable=True),
        sa.Column("application_id", sa.String(length=64), nullable=True),
        sa.Column("dispute_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "account <> 'receivables' or item_id is not null", name=op.f("ck_journal_lines_receivables_by_item")
        ),
        sa.CheckConstraint(
            "account not in ('unapplied_cash', 'on_account_cash', 'unidentified_cash') or receipt_id is not null",
            name=op.f("ck_journal_lines_cash_by_receipt"),
        ),
        sa.CheckConstraint(
            "debit >= 0 and credit >= 0 and (debit = 0) <> (credit = 0)", name=op.f("ck_journal_lines_one_side")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.entry_id"], name=op.f("fk_journal_lines_entry_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_journal_lines_item_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_journal_lines_receipt_id")),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_journal_lines")),
    )
    op.create_index(op.f("ix_journal_lines_entry_id"), "journal_lines", ["entry_id"], unique=False)
    op.create_index(
        "ix_journal_lines_item_id",
        "journal_lines",
        ["item_id", "posting_date"],
        unique=False,
        postgresql_where="account = 'receivables'",
    )
    op.create_index(op.f("ix_journal_lines_posting_date"), "journal_lines", ["posting_date"], unique=False)
    op.create_index(
        "ix_journal_lines_receipt_id",
        "journal_lines",
        ["receipt_id"],
        unique=False,
        postgresql_where="receipt_id is not null",
    )
    op.create_table(
        "payment_exceptions",
        sa.Column("exception_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("fee_item_id", sa.String(length=64), nullable=True),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(status = 'resolved') = (outcome is not null)", name=op.f("ck_payment_exceptions_resolved_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(["fee_item_id"], ["items.item_id"], name=op.f("fk_payment_exceptions_fee_item_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_payment_exceptions_receipt_id")),
        sa.PrimaryKeyConstraint("exception_id", name=op.f("pk_payment_exceptions")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_payment_exceptions_receipt_id")),
    )
    op.create_index(op.f("ix_payment_exceptions_customer_id"), "payment_exceptions", ["customer_id"], unique=False)
    op.create_index(
        "ix_payment_exceptions_deadline", "payment_exceptions", ["deadline_on", "exception_id"], unique=False
    )
    op.create_table(
        "statements",
        sa.Column("statement_id", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("stated_account", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opening_balance", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("opening_date", sa.Date(), nullable=True),
        sa.Column("closing_balance", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("closing_date", sa.Date(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("continuity", sa.String(length=10), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "not proved or (opening_balance is not null and closing_balance is not null)",
            name=op.f("ck_statements_proved"),
        ),
        sa.ForeignKeyConstraint(["account"], ["bank_accounts.account"], name=op.f("fk_statements_account")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_statements")),
        sa.UniqueConstraint("account", "fingerprint", name=op.f("uq_statements_account_fingerprint")),
    )
    op.create_index(op.f("ix_statements_account"), "statements", ["account"], unique=False)
    op.create_index("ix_statements_import_id", "statements", ["import_id", "statement_id"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("application_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("payment", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("credit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("discount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("tolerance", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("residual", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("residual_item_id", sa.String(length=64), nullable=True),
        sa.Column("shortfall", sa.String(length=10), nullable=True),
        sa.Column("shortfall_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "least(payment, discount, tolerance, residual) >= 0", name=op.f("ck_allocations_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.application_id"], name=op.f("fk_allocations_application_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_allocations_item_id")),
        sa.ForeignKeyConstraint(["residual_item_id"], ["items.item_id"], name=op.f("fk_allocations_residual_item_id")),
        sa.PrimaryKeyConstraint("application_id", "position", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_item_id"), "allocations", ["item_id"], unique=False)
    op.create_table(
        "statement_entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("statement_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("customer_reference", sa.Text(), nullable=True),
        sa.Column("payer_name", sa.Text(), nullable=True),
        sa.Column("payer_account", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("transaction_code", sa.Text(), nullable=True),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.Column("balance_before", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("known_as", sa.String(length=64), nullable=True),
        sa.Column("receipt_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["known_as"], ["statement_entries.entry_id"], name=op.f("fk_statement_entries_known_as")
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name=op.f("fk_statement_entries_receipt_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.statement_id"], name=op.f("fk_statement_entries_statement_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_statement_entries")),
        sa.UniqueConstraint("statement_id", "position", name=op.f("uq_statement_entries_statement_id_position")),
    )
    op.create_index(
        "ix_statement_entries_account", "statement_entries", ["account", "booking_date", "amount"], unique=False
    )

    op.execute(
        """
        create function refuse_journal_change() returns trigger language plpgsql as $$
        begin
            raise exception 'the journal is append-only: reverse a posting by another one' using errcode = '23000';
        end $$
        """
    )
    for table in ("journal_entries", "journal_lines"):
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_journal_change()"
        )
        op.execute(
            f"create trigger never_truncated before truncate on {table} "
            "for each statement execute function refuse_journal_change()"
        )
    op.execute(
        """
        create function refuse_unbalanced_entry() returns trigger language plpgsql as $$
        begin
            if exists (select from journal_lines where entry_id = new.entry_id
                       group by company_code, currency having sum(debit) <> sum(credit)) then
                raise exception 'journal entry % does not balance', new.entry_id using errcode = '23000';
            end if;
            return null;
        end $$
        """
    )
    # Deferred: an entry has to balance when it is committed, not while its lines are written. One line stands for all,
    # since no line can be added to an entry without firing it.
    op.execute(
        "create constraint trigger balanced after insert on journal_lines deferrable initially deferred "
        "for each row execute function refuse_unbalanced_entry()"
    )


def downgrade() -> None:
    op.execute("drop trigger balanced on journal_lines")
    for table in ("journal_entries", "journal_lines"):
        op.execute(f"drop trigger append_only on {table}")
        op.execute(f"drop trigger never_truncated on {table}")
    op.execute("drop function refuse_unbalanced_entry()")
    op.execute("drop function refuse_journal_change()")
    op.drop_index("ix_statement_entries_account", table_name="statement_entries")
    op.drop_table("statement_entries")
    op.drop_index(op.f("ix_allocations_item_id"), table_name="allocations")
    op.drop_table("allocations")
    op.drop_index("ix_statements_import_id", table_name="statements")
    op.drop_index(op.f("ix_statements_account"), table_name="statements")
    op.drop_table("statements")
    op.drop_index("ix_payment_exceptions_deadline", table_name="payment_exceptions")
    op.drop_index(op.f("ix_payment_exceptions_customer_id"), table_name="payment_exceptions")
    op.drop_table("payment_exceptions")
    op.drop_index("ix_journal_lines_receipt_id", table_name="journal_lines", postgresql_where="receipt_id is not null")
    op.drop_index(op.f("ix_journal_lines_posting_date"), table_name="journal_lines")
    op.drop_index("ix_journal_lines_item_id", table_name="journal_lines", postgresql_where="account = 'receivables'")
    op.drop_index(op.f("ix_journal_lines_entry_id"), table_name="journal_lines")
    op.drop_table("journal_lines")
    op.drop_table("dispute_credits")
    op.drop_index(op.f("ix_applications_receipt_id"), table_name="applications")
    op.drop_table("applications")
    op.drop_index(
        "uq_receipts_bank_reference",
        table_name="receipts",
        postgresql_where="source = 'api' and bank_reference is not null",
    )
    op.drop_index("ix_receipts_value_date", table_name="receipts")
    op.drop_index("ix_receipts_status", table_name="receipts")
    op.drop_index("ix_receipts_customer_id", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("ix_outbox_unpublished", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_table("outbox")
    op.drop_table("learned_payers")
    op.drop_table("journal_entries")
    op.drop_index("ix_jobs_waiting", table_name="jobs", postgresql_where=sa.text("finished_at IS NULL"))
    op.drop_table("jobs")
    op.drop_index("ix_items_open", table_name="items", postgresql_where="status = 'open'")
    op.drop_index("ix_items_number", table_name="items")
    op.drop_index("ix_items_match_keys", table_name="items", postgresql_using="gin", postgresql_where="status = 'open'")
    op.drop_index("ix_items_customer_id", table_name="items")
    op.drop_table("items")
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
    op.drop_table("disputes")
    op.drop_index(op.f("ix_disputed_items_item_id"), table_name="disputed_items")
    op.drop_table("disputed_items")
    op.drop_table("customers")
    op.drop_table("bank_accounts")
