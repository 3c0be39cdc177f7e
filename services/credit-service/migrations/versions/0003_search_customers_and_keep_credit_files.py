"""Search customers by any name with typos; keep notes and attachments; let nobody shorten a journal unnoticed.

The search compares trigrams (`pg_trgm` is a trusted extension: whoever owns the database may create it) of folded names, so the
names that are there are folded anew. Its index takes changes at once: a list of waiting ones would be read by every search. Each journal gets a head with its last seal, which only moves forward one by one: entries
that are taken away at the end are missed. A journal cannot be truncated any more either. A file shows a customer's decisions, which
need an index for it.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from credit_service.customers.domain.search import search_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HISTORY = ("notes", "attachments", "attachment_contents")
NEVER_TRUNCATED = ("journal_entries", "journal_heads", *HISTORY)
ONE_BY_ONE = """
create function refuse_leap_of_journal() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.position = old.position + 1 and new.customer_id = old.customer_id then return new; end if;
    raise exception 'a journal only grows, entry by entry' using errcode = 'restrict_violation';
end $$
"""
HEADS = """
insert into journal_heads (customer_id, position, seal)
select distinct on (customer_id) customer_id, position, seal from journal_entries order by customer_id, position desc
"""
NAMES = sa.text("select customer_id, name, legal_name, aliases, contacts from customers order by customer_id")
FOLD = sa.text("update customers set search_text = :text where customer_id = :customer_id")
PREFIX_SEARCH = sa.text(
    "update customers set search_text = lower(concat_ws(E'\\n', customer_id, name, legal_name, "
    "(select string_agg(alias, E'\\n') from jsonb_array_elements_text(aliases) as alias)))"
)


def _folded(customers: sa.CursorResult[Any]) -> Iterator[dict[str, str]]:
    for number, name, legal_name, aliases, contacts in customers:
        yield {
            "customer_id": number,
            "text": search_text(number, names=(name, legal_name, *aliases), contacts=contacts),
        }


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    connection = op.get_bind()
    if folded := list(_folded(connection.execute(NAMES))):
        connection.execute(FOLD, folded)
    op.create_index(
        "ix_customers_search",
        "customers",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "journal_heads",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_journal_heads")),
    )
    op.create_table(
        "notes",
        sa.Column("note_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_customer", "notes", ["customer_id", "note_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=150), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_customer", "attachments", ["customer_id", "attachment_id"], unique=False)
    op.create_table(
        "attachment_contents",
        sa.Column("attachment_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.attachment_id"],
            name=op.f("fk_attachment_contents_attachment_id"),
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_contents")),
    )
    op.create_index("ix_credit_decisions_customer", "credit_decisions", ["customer_id", "decision_id"], unique=False)
    op.execute(HEADS)
    op.execute(ONE_BY_ONE)
    op.execute(
        "create trigger one_by_one before update or delete on journal_heads "
        "for each row execute function refuse_leap_of_journal()"
    )
    for table in HISTORY:
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change_of_history()"
        )
    for table in NEVER_TRUNCATED:
        op.execute(
            f"create trigger never_truncated before truncate on {table} "
            "for each statement execute function refuse_change_of_history()"
        )


def downgrade() -> None:
    op.execute("drop trigger never_truncated on journal_entries")
    op.drop_index("ix_credit_decisions_customer", table_name="credit_decisions")
    op.drop_table("attachment_contents")
    op.drop_index("ix_attachments_customer", table_name="attachments")
    op.drop_table("attachments")
    op.drop_index("ix_notes_customer", table_name="notes")
    op.drop_table("notes")
    op.drop_table("journal_heads")
    op.execute("drop function refuse_leap_of_journal()")
    op.drop_index("ix_customers_search", table_name="customers")
    op.execute(PREFIX_SEARCH)
