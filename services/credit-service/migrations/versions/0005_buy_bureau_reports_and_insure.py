"""Buy bureau reports once, and keep them encrypted; credit insurance and its alarms.

The alarm of an exposure above the insured limit is raised and closed by a trigger: exposure is changed in many places, some of
them the busiest there are, and the trigger's condition costs an account without insurance nothing. It fires in the transaction
that changed the account, under the account's lock, so an alarm is neither late nor doubled.

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

WATCH = """
create function watch_insured_account() returns trigger language plpgsql as $$
declare
    newly boolean := old.insured_until is null;
    above boolean := new.exposure > new.insured_amount;
begin
    if newly or above is distinct from (old.exposure > old.insured_amount) then
        if above then
            insert into insurance_alarms (alarm_id, version, customer_id, kind, status, raised_at, as_of, currency, amount,
                insured_amount)
            values ('ial_' || uuidv7(), 1, new.customer_id, 'exposure_above_insured_limit', 'open', now(), current_date,
                new.currency, new.exposure, new.insured_amount)
            on conflict (customer_id, kind) where status <> 'closed' do nothing;
        else
            update insurance_alarms set status = 'closed', closed_at = now(), version = version + 1
            where customer_id = new.customer_id and kind = 'exposure_above_insured_limit' and status <> 'closed';
        end if;
    end if;
    if new.oldest_due_date is distinct from old.oldest_due_date then
        update insurance_alarms set status = 'closed', closed_at = now(), version = version + 1
        where customer_id = new.customer_id and kind = 'overdue_to_be_told' and status <> 'closed'
            and (new.oldest_due_date is null or new.oldest_due_date > counted_until);
    end if;
    return null;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "bureau_purchases",
        sa.Column("purchase_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("identifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("cost", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("charged", sa.Boolean(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("ordered_by", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bureau_reference", sa.String(length=200), nullable=True),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'received') = (report_id is not null)", name=op.f("ck_bureau_purchases_received")
        ),
        sa.CheckConstraint(
            "status in ('ordered', 'received', 'failed', 'uncertain')", name=op.f("ck_bureau_purchases_status")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_bureau_purchases_cost_not_negative")),
        sa.PrimaryKeyConstraint("purchase_id", name=op.f("pk_bureau_purchases")),
    )
    op.create_index("ix_bureau_purchases_customer", "bureau_purchases", ["customer_id", "purchase_id"], unique=False)
    op.create_index("ix_bureau_purchases_month", "bureau_purchases", ["provider", "ordered_on"], unique=False)
    op.create_index(
        "uq_bureau_purchases_ordered",
        "bureau_purchases",
        ["customer_id", "provider", "product"],
        unique=True,
        postgresql_where=sa.text("status = 'ordered'"),
    )
    op.create_table(
        "bureau_reports",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("purchase_id", sa.String(length=64), nullable=True),
        sa.Column("obtained_by", sa.String(length=200), nullable=False),
        sa.Column("obtained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("report_date", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("recommended_limit", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("legal_status", sa.String(length=16), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(recommended_limit is null) = (currency is null)", name=op.f("ck_bureau_reports_limit_with_currency")
        ),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_bureau_reports_score")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_bureau_reports")),
    )
    op.create_index(
        "ix_bureau_reports_customer", "bureau_reports", ["customer_id", "report_date", "report_id"], unique=False
    )
    op.create_table(
        "credit_insurances",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("insurer", sa.String(length=200), nullable=False),
        sa.Column("policy_number", sa.String(length=100), nullable=False),
        sa.Column("insured_limit", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("covered_pct", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("deductible", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("notify_overdue_after_days", sa.Integer(), nullable=True),
        sa.Column("notify_within_days", sa.Integer(), nullable=False),
        sa.Column("expiry_notice_days", sa.Integer(), nullable=False),
        sa.Column("max_terms_days", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=False),
        sa.Column("insured_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("cover", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("covered_pct > 0 and covered_pct <= 100", name=op.f("ck_credit_insurances_covered_pct")),
        sa.CheckConstraint("insured_limit > 0 and deductible >= 0", name=op.f("ck_credit_insurances_amounts")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_credit_insurances_validity")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_credit_insurances")),
    )
    op.create_index(
        "ix_credit_insurances_waiting",
        "credit_insurances",
        ["valid_from"],
        unique=False,
        postgresql_where=sa.text("not applied"),
    )
    op.create_table(
        "insurance_alarms",
        sa.Column("alarm_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("insured_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("items", sa.Integer(), nullable=True),
        sa.Column("counted_until", sa.Date(), nullable=True),
        sa.Column("tell_by", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_at is not null)", name=op.f("ck_insurance_alarms_closed")),
        sa.CheckConstraint(
            "kind in ('exposure_above_insured_limit', 'overdue_to_be_told', 'expiring')",
            name=op.f("ck_insurance_alarms_kind"),
        ),
        sa.CheckConstraint("status in ('open', 'acknowledged', 'closed')", name=op.f("ck_insurance_alarms_status")),
        sa.PrimaryKeyConstraint("alarm_id", name=op.f("pk_insurance_alarms")),
    )
    op.create_index("ix_insurance_alarms_customer", "insurance_alarms", ["customer_id", "alarm_id"], unique=False)
    op.create_index("ix_insurance_alarms_status", "insurance_alarms", ["status", "alarm_id"], unique=False)
    op.create_index(
        "uq_insurance_alarms_not_closed",
        "insurance_alarms",
        ["customer_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.execute(WATCH)
    op.execute(
        "create trigger watch_insured_account after update on credit_accounts for each row "
        "when (new.insured_until is not null) execute function watch_insured_account()"
    )


def downgrade() -> None:
    op.execute("drop trigger watch_insured_account on credit_accounts")
    op.execute("drop function watch_insured_account()")
    for table in ("insurance_alarms", "credit_insurances", "bureau_reports", "bureau_purchases"):
        op.drop_table(table)
