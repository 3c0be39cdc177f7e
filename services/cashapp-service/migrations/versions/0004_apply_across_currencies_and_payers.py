"""Apply across currencies and payers, with tolerances by group.

Why: a receipt may pay items of several customers and in another currency, so that an allocation says whose item it is, in
which currency, what it took of the receipt and at which rate; tolerance groups and known payers say what is allowed; a
receipt names the order that it prepays. Receipts are found by amount, by what they hold and by the bank's reference.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PREPAYMENTS = "order_id is not null and status in ('unapplied', 'partially_applied')"


def upgrade() -> None:
    op.create_table(
        "payers",
        sa.Column("payer_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.Column("account_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("account_shown", sa.String(length=16), nullable=True),
        sa.Column("pays_for", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("payer_id", name=op.f("pk_payers")),
    )
    op.create_index("ix_payers_account_fingerprint", "payers", ["account_fingerprint"], unique=False)
    op.create_index("ix_payers_name", "payers", ["name"], unique=False)
    op.create_table(
        "tolerance_groups",
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("item_pct", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("receipt_pct", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("discount_grace_days", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind in ('user', 'customer')", name=op.f("ck_tolerance_groups_of_a_known_kind")),
        sa.CheckConstraint(
            "item_pct between 0 and 100 and receipt_pct between 0 and 100",
            name=op.f("ck_tolerance_groups_shares_are_shares"),
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_tolerance_groups")),
    )
    op.create_table(
        "tolerance_group_members",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["tolerance_groups.group_id"], name=op.f("fk_tolerance_group_members_group_id")
        ),
        sa.PrimaryKeyConstraint("kind", "member", name=op.f("pk_tolerance_group_members")),
    )
    op.create_index(op.f("ix_tolerance_group_members_group_id"), "tolerance_group_members", ["group_id"], unique=False)
    op.add_column("customers", sa.Column("parent_id", sa.String(length=64), nullable=True))
    op.add_column("receipts", sa.Column("order_id", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_receipts_order_id", "receipts", ["order_id"], unique=False, postgresql_where=sa.text(_PREPAYMENTS)
    )
    op.create_index("ix_receipts_amount", "receipts", ["amount", "value_date", "receipt_id"], unique=False)
    for bucket in ("on_account", "unapplied"):
        op.create_index(
            f"ix_receipts_{bucket}",
            "receipts",
            ["value_date", "receipt_id"],
            unique=False,
            postgresql_where=sa.text(f"{bucket} > 0"),
        )
    op.create_index(
        "ix_receipts_bank_reference",
        "receipts",
        ["bank_reference"],
        unique=False,
        postgresql_where=sa.text("bank_reference is not null"),
    )
    op.create_index("ix_applications_customer_id", "applications", ["customer_id", "application_id"], unique=False)
    _tell_whose_and_in_which_currency()


def _tell_whose_and_in_which_currency() -> None:
    """Add to allocations what they left to their application: until now both were always the same."""
    for name, type_ in (
        ("customer_id", sa.String(length=64)),
        ("currency", sa.String(length=3)),
        ("receipt_amount", sa.Numeric(precision=20, scale=4)),
        ("exchange_rate", sa.Numeric(precision=20, scale=10)),
        ("exchange_difference", sa.Numeric(precision=20, scale=4)),
    ):
        op.add_column("allocations", sa.Column(name, type_, nullable=True))
    op.execute(
        "update allocations set customer_id = a.customer_id, currency = a.currency, receipt_amount = payment, "
        "exchange_difference = 0 from applications a where a.application_id = allocations.application_id"
    )
    for name in ("customer_id", "currency", "receipt_amount", "exchange_difference"):
        op.alter_column("allocations", name, nullable=False)
    op.create_check_constraint(
        op.f("ck_allocations_exchanged_at_a_rate"),
        "allocations",
        "case when exchange_rate is null then receipt_amount = payment and exchange_difference = 0"
        " else exchange_rate > 0 and (receipt_amount > 0) = (payment > 0) end",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_allocations_exchanged_at_a_rate"), "allocations", type_="check")
    for name in ("exchange_difference", "exchange_rate", "receipt_amount", "currency", "customer_id"):
        op.drop_column("allocations", name)
    op.drop_index("ix_applications_customer_id", table_name="applications")
    op.drop_index("ix_receipts_bank_reference", table_name="receipts")
    op.drop_index("ix_receipts_unapplied", table_name="receipts")
    op.drop_index("ix_receipts_on_account", table_name="receipts")
    op.drop_index("ix_receipts_amount", table_name="receipts")
    op.drop_index("ix_receipts_order_id", table_name="receipts")
    op.drop_column("receipts", "order_id")
    op.drop_column("customers", "parent_id")
    op.drop_index(op.f("ix_tolerance_group_members_group_id"), table_name="tolerance_group_members")
    op.drop_table("tolerance_group_members")
    op.drop_table("tolerance_groups")
    op.drop_index("ix_payers_name", table_name="payers")
    op.drop_index("ix_payers_account_fingerprint", table_name="payers")
    op.drop_table("payers")
