"""Reconcile cash with the bank, and close a period by its checklist.

Why: each close is kept as it was, with its checklist and control totals, and each reopening with the two people behind it. A
close freezes its period and all before it, so that figures that were handed over never change; until now it froze its period
alone. Posting and closing therefore share one lock per company code instead of one per period: with one lock each, a posting
into an earlier month could begin before the close and be committed after it.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PERIOD_LOCK = """
    create or replace function period_lock(company_code text, period text) returns bigint
    language sql immutable parallel safe as $$
        select hashtextextended(company_code{period}, 7)
    $$
"""
_CLOSED_PERIODS = """
    create or replace function closed_periods(company_codes text[], wanted_periods text[]) returns setof periods
    language plpgsql as $$
    declare
        wanted record;
    begin
        for wanted in select distinct * from unnest(company_codes, wanted_periods) w (company_code, period) order by 1, 2 loop
            perform pg_advisory_xact_lock_shared(period_lock(wanted.company_code, wanted.period));
        end loop;
        {query};
    end $$
"""
_THE_PERIOD_ALONE = """
        return query
            select p.* from periods p join unnest(company_codes, wanted_periods) w (company_code, period)
                 on (p.company_code, p.period) = (w.company_code, w.period)
            where p.status = 'closed'
"""
# The rows are those of the closed periods, each shown under the wanted period that it freezes.
_AND_ALL_BEFORE_IT = """
        return query
            select distinct on (w.company_code, w.period) (jsonb_populate_record(p, jsonb_build_object('period', w.period))).*
            from unnest(company_codes, wanted_periods) w (company_code, period)
                 join periods p on p.company_code = w.company_code and p.period >= w.period
            where p.status = 'closed'
            order by w.company_code, w.period, p.period desc
"""


def upgrade() -> None:
    op.create_table(
        "closes",
        sa.Column("close_id", sa.String(length=64), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("accepted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("control", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reconciliations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closed_behind", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("close_id", name=op.f("pk_closes")),
        sa.UniqueConstraint("company_code", "period", "version", name=op.f("uq_closes_company_code_period_version")),
    )
    op.create_table(
        "reopenings",
        sa.Column("reopening_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=4000), nullable=True),
        sa.CheckConstraint(
            "case status when 'pending' then decided_by is null when 'withdrawn' then decided_by = requested_by "
            "else decided_by <> requested_by end is true",
            name=op.f("ck_reopenings_decided_by_another"),
        ),
        sa.CheckConstraint(
            "status in ('pending', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_reopenings_known_status")
        ),
        sa.CheckConstraint(
            "(decided_by is null) = (decided_at is null)", name=op.f("ck_reopenings_decided_at_an_instant")
        ),
        sa.PrimaryKeyConstraint("reopening_id", name=op.f("pk_reopenings")),
    )
    op.create_index("ix_reopenings_company_code", "reopenings", ["company_code", "period"], unique=False)
    op.create_index(
        "uq_reopenings_pending",
        "reopenings",
        ["company_code", "period"],
        unique=True,
        postgresql_where="status = 'pending'",
    )
    op.execute(
        """
        create function refuse_close_change() returns trigger language plpgsql as $$
        begin
            raise exception 'a close is kept as it was' using errcode = '23000';
        end $$
        """
    )
    op.execute(
        "create trigger append_only before update or delete on closes "
        "for each row execute function refuse_close_change()"
    )
    op.execute(
        "create trigger never_truncated before truncate on closes "
        "for each statement execute function refuse_close_change()"
    )
    op.execute(_PERIOD_LOCK.format(period=""))
    op.execute(_CLOSED_PERIODS.format(query=_AND_ALL_BEFORE_IT.strip()))


def downgrade() -> None:
    op.execute(_CLOSED_PERIODS.format(query=_THE_PERIOD_ALONE.strip()))
    op.execute(_PERIOD_LOCK.format(period=" || '|' || period"))
    op.execute("drop trigger never_truncated on closes")
    op.execute("drop trigger append_only on closes")
    op.execute("drop function refuse_close_change()")
    op.drop_index("uq_reopenings_pending", table_name="reopenings", postgresql_where="status = 'pending'")
    op.drop_index("ix_reopenings_company_code", table_name="reopenings")
    op.drop_table("reopenings")
    op.drop_table("closes")
