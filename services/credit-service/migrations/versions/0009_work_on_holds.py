"""Releases that wait for a manager, manual holds, and what promises, dunning and returns tell.

A hold carries what its worklist sorts and filters by, so that a page of it is read from one index. An order remembers the
checkpoints whose rules held it: one that had moved on was let go while what held it before held it still.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=20, scale=4)
DOCUMENT = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)
UNDECIDED = sa.text("decided_at is null")
OPEN = sa.text("status = 'open'")
FACTS = ("promises", "returned_payments", "dunned_items")


def upgrade() -> None:
    _remember_checkpoints()
    _widen_holds()
    _write_history()
    _keep_facts()


def _remember_checkpoints() -> None:
    op.add_column("orders", sa.Column("held_at", DOCUMENT, nullable=False, server_default="[]"))
    op.alter_column("orders", "held_at", server_default=None)
    op.add_column("orders", sa.Column("manual_hold", sa.String(), nullable=True))
    op.execute("update orders set held_at = jsonb_build_array(checkpoint) where status = 'held'")


def _widen_holds() -> None:
    op.add_column("holds", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("holds", sa.Column("opened_on", sa.Date(), nullable=True))
    op.add_column("holds", sa.Column("order_value", AMOUNT, nullable=False, server_default="0"))
    op.add_column("holds", sa.Column("requested_delivery_date", sa.Date(), nullable=True))
    op.add_column("holds", sa.Column("release_request", DOCUMENT, nullable=True))
    op.add_column(
        "holds",
        sa.Column(
            "rules",
            DOCUMENT,
            sa.Computed("jsonb_path_query_array(reasons, '$[*].\"rule\"')", persisted=True),
            nullable=False,
        ),
    )
    op.execute("update holds set opened_on = as_of")
    op.execute(
        "update holds h set order_value = round(o.amount * o.rate, 4), requested_delivery_date = o.requested_delivery_date "
        "from orders o where o.order_id = h.order_id"
    )
    op.alter_column("holds", "opened_on", nullable=False)
    op.alter_column("holds", "version", server_default=None)
    op.alter_column("holds", "order_value", server_default=None)
    op.alter_column("holds", "status", type_=sa.String(length=32))
    for name in ("status", "decided"):
        op.drop_constraint(name, "holds", type_="check")
    op.create_check_constraint(
        "status", "holds", "status in ('open', 'release_requested', 'released', 'rejected', 'closed')"
    )
    op.create_check_constraint("decided", "holds", "(status in ('open', 'release_requested')) = (decided_at is null)")
    op.create_check_constraint("requested", "holds", "(status = 'release_requested') = (release_request is not null)")
    op.drop_index("uq_holds_open_order", table_name="holds")
    op.drop_index("ix_holds_open_customer", table_name="holds")
    op.create_index("uq_holds_open_order", "holds", ["order_id"], unique=True, postgresql_where=UNDECIDED)
    op.create_index("ix_holds_open_customer", "holds", ["customer_id"], postgresql_where=UNDECIDED)
    op.create_index("ix_holds_age", "holds", ["opened_on", "hold_id"], postgresql_where=UNDECIDED)
    op.create_index("ix_holds_value", "holds", ["order_value", "hold_id"], postgresql_where=UNDECIDED)
    op.create_index("ix_holds_delivery", "holds", ["requested_delivery_date", "hold_id"], postgresql_where=UNDECIDED)
    op.create_index(op.f("ix_holds_order_id"), "holds", ["order_id"])


def _write_history() -> None:
    op.create_table(
        "hold_changes",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("hold_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("rules", DOCUMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_hold_changes")),
    )
    op.create_index("ix_hold_changes_hold", "hold_changes", ["hold_id", "position"])
    op.execute(
        "create trigger append_only before update or delete on hold_changes "
        "for each row execute function refuse_change_of_history()"
    )


def _keep_facts() -> None:
    op.create_table(
        "promises",
        sa.Column("promise_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("broken_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("promise_id", name=op.f("pk_promises")),
    )
    op.create_table(
        "returned_payments",
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("is_returned", sa.Boolean(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_returned_payments")),
    )
    op.create_table(
        "dunned_items",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("dunned_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_dunned_items")),
    )
    for name in FACTS:
        op.create_index(op.f(f"ix_{name}_customer_id"), name, ["customer_id"])


def downgrade() -> None:
    for name in (*FACTS, "hold_changes"):
        op.drop_table(name)
    op.execute("update holds set status = 'open', release_request = null where status = 'release_requested'")
    for name in (
        "ix_holds_order_id",
        "ix_holds_delivery",
        "ix_holds_value",
        "ix_holds_age",
        "ix_holds_open_customer",
        "uq_holds_open_order",
    ):
        op.drop_index(name, table_name="holds")
    op.create_index("uq_holds_open_order", "holds", ["order_id"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_holds_open_customer", "holds", ["customer_id"], postgresql_where=OPEN)
    for name in ("requested", "decided", "status"):
        op.drop_constraint(name, "holds", type_="check")
    op.create_check_constraint("status", "holds", "status in ('open', 'released', 'rejected', 'closed')")
    op.create_check_constraint("decided", "holds", "(status = 'open') = (decided_at is null)")
    op.alter_column("holds", "status", type_=sa.String(length=16))
    for name in ("rules", "release_request", "requested_delivery_date", "order_value", "opened_on", "version"):
        op.drop_column("holds", name)
    for name in ("manual_hold", "held_at"):
        op.drop_column("orders", name)
