"""Temporary limits, mass changes, reviews, recommendations on problem accounts.

The journal of limits says what a change was about, what stood above the limit for a time, and on what evidence it was decided. A
customer has one request of a kind that waits: older ones are superseded by the newest. A block has a reason code and an author.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=20, scale=4)
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _tell_blocks_and_reviews()
    _tell_limit_changes()
    _let_requests_end()
    _keep_recommendations()
    _keep_reviews()
    _keep_mass_changes()


def _tell_blocks_and_reviews() -> None:
    op.add_column("credit_accounts", sa.Column("block_code", sa.String(length=50), nullable=True))
    op.add_column("credit_accounts", sa.Column("blocked_by", sa.String(length=200), nullable=True))
    op.add_column("credit_accounts", sa.Column("blocked_at", INSTANT, nullable=True))
    op.execute("update credit_accounts set block_code = 'manual', blocked_at = now() where blocked")
    op.create_check_constraint(
        "block", "credit_accounts", "blocked = (block_code is not null) and blocked = (blocked_at is not null)"
    )
    op.create_index("ix_credit_accounts_review", "credit_accounts", ["next_review_on", "customer_id"])
    op.create_index("ix_credit_accounts_validity", "credit_accounts", ["limit_valid_until", "customer_id"])
    op.create_index(
        "ix_credit_accounts_temporary",
        "credit_accounts",
        ["temporary_until"],
        postgresql_where=sa.text("temporary_until is not null"),
    )


def _tell_limit_changes() -> None:
    op.add_column(
        "limit_changes", sa.Column("kind", sa.String(length=20), nullable=False, server_default=sa.text("'limit'"))
    )
    op.add_column("limit_changes", sa.Column("evidence", DOCUMENT, nullable=False, server_default=sa.text("'[]'")))
    for column in ("kind", "evidence"):
        op.alter_column("limit_changes", column, server_default=None)
    for side in ("old", "new"):
        op.add_column("limit_changes", sa.Column(f"{side}_temporary", AMOUNT, nullable=True))
        op.add_column("limit_changes", sa.Column(f"{side}_temporary_until", sa.Date(), nullable=True))
        op.add_column("limit_changes", sa.Column(f"{side}_risk_class", sa.String(length=1), nullable=True))
        op.add_column("limit_changes", sa.Column(f"{side}_payment_terms", sa.String(), nullable=True))
    op.create_check_constraint("kind", "limit_changes", "kind in ('limit', 'temporary', 'temporary_ended', 'terms')")
    op.create_index("ix_limit_changes_request", "limit_changes", ["request_id"])


def _let_requests_end() -> None:
    op.add_column("limit_requests", sa.Column("temporary", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("limit_requests", sa.Column("evidence", DOCUMENT, nullable=False, server_default=sa.text("'[]'")))
    op.add_column("limit_requests", sa.Column("risk_class", sa.String(length=1), nullable=True))
    op.add_column("limit_requests", sa.Column("review_on", sa.Date(), nullable=True))
    op.add_column("limit_requests", sa.Column("limit_when_asked", AMOUNT, nullable=True))
    op.add_column("limit_requests", sa.Column("lapses_on", sa.Date(), nullable=True))
    op.execute("update limit_requests set lapses_on = (requested_at at time zone 'UTC')::date + 90")
    op.alter_column("limit_requests", "lapses_on", nullable=False)
    for column in ("temporary", "evidence"):
        op.alter_column("limit_requests", column, server_default=None)
    op.drop_constraint("status", "limit_requests", type_="check")
    op.create_check_constraint(
        "status",
        "limit_requests",
        "status in ('pending', 'approved', 'rejected', 'withdrawn', 'superseded', 'expired')",
    )
    op.create_check_constraint(
        "temporary", "limit_requests", "not temporary or (requested_limit > 0 and valid_until is not null)"
    )
    op.execute(
        "update limit_requests old set status = 'superseded', version = old.version + 1, decided_at = now(), "
        "decided_by = new.requested_by, decision_note = 'superseded by ' || new.request_id "
        "from (select distinct on (customer_id, requested_by) customer_id, request_id, requested_by from limit_requests "
        "where status = 'pending' order by customer_id, requested_by, request_id desc) new "
        "where new.customer_id = old.customer_id and new.requested_by = old.requested_by and old.status = 'pending' and old.request_id <> new.request_id"
    )
    op.create_index(
        "uq_limit_requests_pending",
        "limit_requests",
        ["customer_id", "requested_by", "temporary"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )


def _keep_recommendations() -> None:
    op.create_table(
        "recommendations",
        sa.Column("recommendation_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("rationale", sa.String(), nullable=False),
        sa.Column("proposed", DOCUMENT, nullable=False),
        sa.Column("evidence", DOCUMENT, nullable=False),
        sa.Column("recommended_by", sa.String(length=200), nullable=False),
        sa.Column("recommended_at", INSTANT, nullable=False),
        sa.Column("decided", DOCUMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_note", sa.String(), nullable=True),
        sa.Column("account_version", sa.Integer(), nullable=True),
        sa.Column("hold_ids", DOCUMENT, nullable=False),
        sa.CheckConstraint("(status = 'proposed') = (decided_by is null)", name="decided"),
        sa.CheckConstraint(
            "kind in ('reduce_limit', 'hold_orders', 'prepayment', 'payment_plan', 'legal', 'write_off')", name="kind"
        ),
        sa.CheckConstraint("status = 'withdrawn' or decided_by is distinct from recommended_by", name="four_eyes"),
        sa.CheckConstraint("status in ('proposed', 'accepted', 'modified', 'rejected', 'withdrawn')", name="status"),
        sa.PrimaryKeyConstraint("recommendation_id", name=op.f("pk_recommendations")),
    )
    op.create_index("ix_recommendations_customer", "recommendations", ["customer_id", "recommendation_id"])
    op.create_index("ix_recommendations_status", "recommendations", ["status", "recommendation_id"])
    op.create_index(
        "uq_recommendations_proposed",
        "recommendations",
        ["customer_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )


def _keep_reviews() -> None:
    op.create_table(
        "account_reviews",
        sa.Column("review_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        sa.CheckConstraint("next_review_on > reviewed_on", name="next_later"),
        sa.CheckConstraint("outcome in ('confirmed', 'change_requested', 'problem')", name="outcome"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_account_reviews")),
    )
    op.create_index("ix_account_reviews_customer", "account_reviews", ["customer_id", "reviewed_on"])
    op.execute(
        "create trigger append_only before update or delete on account_reviews "
        "for each row execute function refuse_change_of_history()"
    )


def _keep_mass_changes() -> None:
    op.create_table(
        "mass_limit_changes",
        sa.Column("mass_change_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("selection", DOCUMENT, nullable=False),
        sa.Column("change", DOCUMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("totals", DOCUMENT, nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_note", sa.String(), nullable=True),
        sa.Column("job_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("status in ('previewed', 'approved', 'applied', 'rejected', 'withdrawn')", name="status"),
        sa.CheckConstraint("(status = 'previewed') = (decided_by is null)", name="decided"),
        sa.CheckConstraint("status = 'withdrawn' or decided_by is distinct from requested_by", name="four_eyes"),
        sa.CheckConstraint("(status in ('approved', 'applied')) = (job_id is not null)", name="job"),
        sa.PrimaryKeyConstraint("mass_change_id", name=op.f("pk_mass_limit_changes")),
    )
    op.create_index(op.f("ix_mass_limit_changes_status"), "mass_limit_changes", ["status"])
    op.create_table(
        "mass_limit_change_lines",
        sa.Column("mass_change_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("exposure", AMOUNT, nullable=False),
        *_side("old"),
        *_side("new"),
        sa.Column("raises", sa.Boolean(), nullable=False),
        sa.Column("above_authority_of", DOCUMENT, nullable=False),
        sa.CheckConstraint("status in ('planned', 'applied', 'changed_since', 'not_possible')", name="status"),
        sa.PrimaryKeyConstraint("mass_change_id", "customer_id", name=op.f("pk_mass_limit_change_lines")),
    )
    op.create_index(
        "ix_mass_limit_change_lines_status", "mass_limit_change_lines", ["mass_change_id", "status", "customer_id"]
    )


def _side(side: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(f"{side}_state", sa.String(length=16), nullable=False),
        sa.Column(f"{side}_limit", AMOUNT, nullable=True),
        sa.Column(f"{side}_valid_until", sa.Date(), nullable=True),
        sa.Column(f"{side}_risk_class", sa.String(length=1), nullable=False),
        sa.Column(f"{side}_review_on", sa.Date(), nullable=True),
    ]


def downgrade() -> None:
    op.drop_table("mass_limit_change_lines")
    op.drop_table("mass_limit_changes")
    op.drop_table("account_reviews")
    op.drop_table("recommendations")
    op.drop_index("uq_limit_requests_pending", table_name="limit_requests")
    op.drop_constraint("temporary", "limit_requests", type_="check")
    op.drop_constraint("status", "limit_requests", type_="check")
    op.execute("update limit_requests set status = 'rejected' where status in ('withdrawn', 'superseded', 'expired')")
    op.create_check_constraint("status", "limit_requests", "status in ('pending', 'approved', 'rejected')")
    for column in ("lapses_on", "limit_when_asked", "review_on", "risk_class", "evidence", "temporary"):
        op.drop_column("limit_requests", column)
    op.drop_index("ix_limit_changes_request", table_name="limit_changes")
    op.drop_constraint("kind", "limit_changes", type_="check")
    for side in ("new", "old"):
        for column in ("payment_terms", "risk_class", "temporary_until", "temporary"):
            op.drop_column("limit_changes", f"{side}_{column}")
    for column in ("evidence", "kind"):
        op.drop_column("limit_changes", column)
    for index in ("temporary", "validity", "review"):
        op.drop_index(f"ix_credit_accounts_{index}", table_name="credit_accounts")
    op.drop_constraint("block", "credit_accounts", type_="check")
    for column in ("blocked_at", "blocked_by", "block_code"):
        op.drop_column("credit_accounts", column)
