"""Follow payment exceptions from their deadline to their outcome.

Why: a return is contested or presented again before it ends, with evidence and a history, and its money may come back with a
receipt of its own, which then pays what the return had opened. Receipts by card carry a token and the last four digits, which
is all of a card that is kept.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CHECKS = {
    "known_status": "status in ('open', 'contested', 'represented', 'resolved')",
    "recovered_when_resolved": "recovery_receipt_id is null or status = 'resolved'",
    "recovered_by_another_receipt": "recovery_receipt_id <> receipt_id",
    "fee_of_an_amount": "fee_item_id is null or fee is not null",
    "presentations_not_negative": "presentations >= 0",
}
_OPTIONAL = {
    "reason_code": sa.String(length=20),
    "fee_borne_by": sa.String(length=10),
    "deadline_passed_on": sa.Date(),
    "contested_on": sa.Date(),
    "represented_on": sa.Date(),
    "recovery_receipt_id": sa.String(length=64),
    "resolved_on": sa.Date(),
}


def upgrade() -> None:
    for name, kind in _OPTIONAL.items():
        op.add_column("payment_exceptions", sa.Column(name, kind, nullable=True))
    op.add_column("payment_exceptions", sa.Column("company_code", sa.String(length=20), nullable=True))
    op.add_column("payment_exceptions", sa.Column("method", sa.String(length=16), nullable=True))
    op.add_column(
        "payment_exceptions",
        sa.Column("reopened", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.add_column("payment_exceptions", sa.Column("presentations", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        """
        update payment_exceptions e
        set company_code = r.company_code, method = r.method, resolved_on = e.resolved_at::date,
            fee_borne_by = case when e.fee is not null then 'customer' end
        from receipts r where r.receipt_id = e.receipt_id
        """
    )
    for name in ("company_code", "method"):
        op.alter_column("payment_exceptions", name, nullable=False)
    for name in ("reopened", "presentations"):
        op.alter_column("payment_exceptions", name, server_default=None)
    op.alter_column("payment_exceptions", "status", type_=sa.String(length=12))
    op.create_index("ix_payment_exceptions_amount", "payment_exceptions", ["amount", "exception_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_payment_exceptions_recovery_receipt_id"), "payment_exceptions", ["recovery_receipt_id"]
    )
    op.create_foreign_key(
        op.f("fk_payment_exceptions_recovery_receipt_id"),
        "payment_exceptions",
        "receipts",
        ["recovery_receipt_id"],
        ["receipt_id"],
    )
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_payment_exceptions_{name}"), "payment_exceptions", condition)
    op.create_table(
        "payment_exception_steps",
        sa.Column("exception_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("taken_by", sa.String(length=200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["payment_exceptions.exception_id"],
            name=op.f("fk_payment_exception_steps_exception_id"),
        ),
        sa.PrimaryKeyConstraint("exception_id", "version", name=op.f("pk_payment_exception_steps")),
    )
    op.create_table(
        "payment_exception_evidence",
        sa.Column("evidence_id", sa.String(length=64), nullable=False),
        sa.Column("exception_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["payment_exceptions.exception_id"],
            name=op.f("fk_payment_exception_evidence_exception_id"),
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_payment_exception_evidence")),
    )
    op.create_index(
        op.f("ix_payment_exception_evidence_exception_id"), "payment_exception_evidence", ["exception_id"], unique=False
    )
    op.add_column("receipts", sa.Column("card_token", sa.String(length=64), nullable=True))
    op.add_column("receipts", sa.Column("card_last4", sa.String(length=4), nullable=True))
    op.create_check_constraint(
        op.f("ck_receipts_card_of_a_card_payment"),
        "receipts",
        "method = 'card' or (card_token is null and card_last4 is null)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_receipts_card_of_a_card_payment"), "receipts", type_="check")
    op.drop_column("receipts", "card_last4")
    op.drop_column("receipts", "card_token")
    op.drop_table("payment_exception_evidence")
    op.drop_table("payment_exception_steps")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_payment_exceptions_{name}"), "payment_exceptions", type_="check")
    op.drop_index("ix_payment_exceptions_amount", table_name="payment_exceptions")
    for name in (*_OPTIONAL, "company_code", "method", "reopened", "presentations"):
        op.drop_column("payment_exceptions", name)
