"""Keep files as evidence of payment exceptions.

Why: a chargeback is contested with documents. Until now evidence was only where they are kept; now they can be sent along. The
content stands in a table of its own, which lists need not read.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_EVIDENCE = "payment_exception_evidence"


def upgrade() -> None:
    op.add_column(_EVIDENCE, sa.Column("file_name", sa.String(length=150), nullable=True))
    op.add_column(_EVIDENCE, sa.Column("media_type", sa.String(length=200), nullable=True))
    op.add_column(_EVIDENCE, sa.Column("size_bytes", sa.Integer(), nullable=True))
    op.add_column(_EVIDENCE, sa.Column("sha256", sa.String(length=64), nullable=True))
    op.create_check_constraint(
        op.f("ck_payment_exception_evidence_a_file_is_whole"),
        _EVIDENCE,
        "num_nulls(file_name, media_type, size_bytes, sha256) in (0, 4)",
    )
    op.create_table(
        "evidence_contents",
        sa.Column("evidence_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            [f"{_EVIDENCE}.evidence_id"],
            name=op.f("fk_evidence_contents_evidence_id_payment_exception_evidence"),
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_evidence_contents")),
    )


def downgrade() -> None:
    op.drop_table("evidence_contents")
    op.drop_constraint(op.f("ck_payment_exception_evidence_a_file_is_whole"), _EVIDENCE)
    for column in ("sha256", "size_bytes", "media_type", "file_name"):
        op.drop_column(_EVIDENCE, column)
