"""Find customers by what payers call them.

Why: to match a receipt whose customer is not known, all customers were read for their names. Now each name has marks with an
index, and so have numbers, bank accounts and parents. The marks are those that the code writes at the time of the migration:
written with rules of an earlier day, they would not be found.

Revision ID: 0014
Revises: 0013
"""

from dataclasses import asdict

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cashapp_service.matching.domain.document_numbers import Kind, keys_of_number
from cashapp_service.matching.domain.names import marks_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    names = op.create_table(
        "customer_names",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("learned", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spelled", sa.Text(collation="C"), nullable=False),
        sa.Column("pair", sa.Text(collation="C"), nullable=True),
        sa.Column("words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "learned", "name", name=op.f("pk_customer_names")),
    )
    op.add_column("customers", sa.Column("number_keys", postgresql.ARRAY(sa.Text()), nullable=True))
    _mark_customers(names)
    op.alter_column("customers", "number_keys", nullable=False)
    op.create_index("ix_customer_names_pair", "customer_names", ["pair", "customer_id"])
    op.create_index("ix_customer_names_spelled", "customer_names", ["spelled", "customer_id"])
    for column in ("bank_account_fingerprints", "number_keys"):
        op.create_index(f"ix_customers_{column}", "customers", [column], postgresql_using="gin")
    op.create_index("ix_customers_parent_id", "customers", ["parent_id"])


def _mark_customers(names: sa.Table) -> None:
    connection = op.get_bind()
    write_keys = sa.text("update customers set number_keys = :keys where customer_id = :customer_id")
    customers = connection.execute(sa.text("select customer_id, names from customers")).all()
    for first in range(0, len(customers), _AT_ONCE):
        some = customers[first : first + _AT_ONCE]
        connection.execute(write_keys, [{"customer_id": one, "keys": _keys(one)} for one, _ in some])
        _insert(names, [(one, False, name) for one, own in some for name in dict.fromkeys(own)])
    learned = connection.execute(sa.text("select customer_id, payer from learned_payers where kind = 'name'")).all()
    for first in range(0, len(learned), _AT_ONCE):
        _insert(names, [(one, True, name) for one, name in learned[first : first + _AT_ONCE]])


def _keys(customer_id: str) -> list[str]:
    return sorted({key.text for key in keys_of_number(customer_id, Kind.REFERENCE)})


def _insert(names: sa.Table, known: list[tuple[str, bool, str]]) -> None:
    rows = [
        {"customer_id": customer_id, "learned": learned, "name": name} | asdict(marks)
        for customer_id, learned, name in known
        if (marks := marks_of(name))
    ]
    if rows:
        op.get_bind().execute(sa.insert(names), rows)


def downgrade() -> None:
    for column in ("parent_id", "number_keys", "bank_account_fingerprints"):
        op.drop_index(f"ix_customers_{column}", "customers")
    op.drop_column("customers", "number_keys")
    op.drop_table("customer_names")
