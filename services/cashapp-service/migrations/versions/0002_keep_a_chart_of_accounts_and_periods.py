"""Keep a chart of accounts by company code, and periods that take no postings once closed.

An item keeps the date of its last posting: as of any later day its balance is the present one, without a sum.

The lines of an entry are one place, and are found by customer and by account: for the price of the index on their ids.

The triggers of the journal now look at all that one statement writes at once: the lines of an entry are written by one
statement, and a line can neither differ from its entry nor be dated in a closed period.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PERIOD_LOCK = """
    create function period_lock(company_code text, period text) returns bigint language sql immutable parallel safe as $$
        select hashtextextended(company_code || '|' || period, 7)
    $$
"""
# A volatile function: the query after the locks sees what was committed while it waited for them.
_CLOSED_PERIODS = """
    create function closed_periods(company_codes text[], wanted_periods text[]) returns setof periods language plpgsql as $$
    declare
        wanted record;
    begin
        for wanted in select distinct * from unnest(company_codes, wanted_periods) w (company_code, period) order by 1, 2 loop
            perform pg_advisory_xact_lock_shared(period_lock(wanted.company_code, wanted.period));
        end loop;
        return query
            select p.* from periods p join unnest(company_codes, wanted_periods) w (company_code, period)
                 on (p.company_code, p.period) = (w.company_code, w.period)
            where p.status = 'closed';
    end $$
"""
_REFUSE_CLOSED_PERIOD = """
    create function refuse_closed_period() returns trigger language plpgsql as $$
    declare
        company_codes text[];
        wanted_periods text[];
        closed record;
    begin
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'post at read committed: a period closed meanwhile would not be seen' using errcode = '25000';
        end if;
        select array_agg(company_code), array_agg(period) into company_codes, wanted_periods
        from (select distinct company_code, to_char(posting_date, 'YYYY-MM') period from added) periods;
        for closed in select * from closed_periods(company_codes, wanted_periods) loop
            raise exception 'period % of company % is closed', closed.period, closed.company_code using errcode = '23000';
        end loop;
        return null;
    end $$
"""
_REFUSE_UNBALANCED = """
    create or replace function refuse_unbalanced_entry() returns trigger language plpgsql as $$
    declare
        found text;
        lines bigint;
    begin
        select min(entry_id) filter (where rest <> 0), sum(lines_of_entry) into found, lines
        from (select l.entry_id, sum(l.debit) - sum(l.credit) rest, count(*) lines_of_entry from journal_lines l
              where l.entry_id in (select entry_id from added) group by l.entry_id, l.company_code, l.currency) entries;
        if found is not null then
            raise exception 'journal entry % does not balance', found using errcode = '23000';
        end if;
        if lines <> (select count(*) from added) then
            raise exception 'a journal entry is posted with all its lines at once: it takes no more' using errcode = '23000';
        end if;
        select a.entry_id into found from added a join journal_entries e using (entry_id)
        where (a.company_code, a.currency, a.posting_date) <> (e.company_code, e.currency, e.posting_date) limit 1;
        if found is not null then
            raise exception 'a line differs from its journal entry %', found using errcode = '23000';
        end if;
        return null;
    end $$
"""
_REFUSE_UNBALANCED_BEFORE = """
    create or replace function refuse_unbalanced_entry() returns trigger language plpgsql as $$
    begin
        if exists (select from journal_lines where entry_id = new.entry_id
                   group by company_code, currency having sum(debit) <> sum(credit)) then
            raise exception 'journal entry % does not balance', new.entry_id using errcode = '23000';
        end if;
        return null;
    end $$
"""


def upgrade() -> None:
    op.create_table(
        "periods",
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=6), nullable=False),
        sa.Column("closed_behind", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('open', 'closed')", name=op.f("ck_periods_open_or_closed")),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_behind is not null)", name=op.f("ck_periods_closed_behind_an_entry")
        ),
        sa.CheckConstraint("period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name=op.f("ck_periods_is_a_month")),
        sa.PrimaryKeyConstraint("company_code", "period", name=op.f("pk_periods")),
    )
    op.create_table(
        "charts_of_accounts",
        sa.Column("company_code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_code", name=op.f("pk_charts_of_accounts")),
    )
    op.add_column("items", sa.Column("last_posting_date", sa.Date(), nullable=True))
    op.execute(
        "update items i set last_posting_date = "
        "(select max(posting_date) from journal_lines l where l.item_id = i.item_id and account = 'receivables')"
    )
    op.alter_column("items", "last_posting_date", nullable=False)
    op.drop_constraint("pk_journal_lines", "journal_lines", type_="primary")
    op.create_primary_key("pk_journal_lines", "journal_lines", ["entry_id", "position"])
    op.drop_index("ix_journal_lines_entry_id", table_name="journal_lines")
    op.drop_index("ix_journal_lines_posting_date", table_name="journal_lines")
    op.create_index("ix_journal_lines_account", "journal_lines", ["account", "posting_date"], unique=False)
    op.create_index(
        "ix_journal_lines_customer_id",
        "journal_lines",
        ["customer_id"],
        unique=False,
        postgresql_where="customer_id is not null",
    )
    op.execute("drop trigger balanced on journal_lines")
    for statement in (_PERIOD_LOCK, _CLOSED_PERIODS, _REFUSE_CLOSED_PERIOD, _REFUSE_UNBALANCED):
        op.execute(statement)
    op.execute(
        "create trigger balanced after insert on journal_lines referencing new table as added "
        "for each statement execute function refuse_unbalanced_entry()"
    )
    for table in ("journal_entries", "journal_lines"):
        op.execute(
            f"create trigger in_an_open_period after insert on {table} referencing new table as added "
            "for each statement execute function refuse_closed_period()"
        )


def downgrade() -> None:
    for table in ("journal_entries", "journal_lines"):
        op.execute(f"drop trigger in_an_open_period on {table}")
    op.execute("drop trigger balanced on journal_lines")
    op.execute(_REFUSE_UNBALANCED_BEFORE)
    op.execute(
        "create constraint trigger balanced after insert on journal_lines deferrable initially deferred "
        "for each row execute function refuse_unbalanced_entry()"
    )
    op.execute("drop function refuse_closed_period()")
    op.execute("drop function closed_periods(text[], text[])")
    op.execute("drop function period_lock(text, text)")
    op.drop_index("ix_journal_lines_customer_id", table_name="journal_lines")
    op.drop_index("ix_journal_lines_account", table_name="journal_lines")
    op.create_index("ix_journal_lines_posting_date", "journal_lines", ["posting_date"], unique=False)
    op.create_index("ix_journal_lines_entry_id", "journal_lines", ["entry_id"], unique=False)
    op.drop_constraint("pk_journal_lines", "journal_lines", type_="primary")
    op.create_primary_key("pk_journal_lines", "journal_lines", ["posting_id"])
    op.drop_column("items", "last_posting_date")
    op.drop_table("charts_of_accounts")
    op.drop_table("periods")
