"""Assess customers by a scorecard: financial statements, payment behaviour, assessments, and the scorecard to begin with.

Payment behaviour is a projection: what items told before this revision comes into it with
`openitem replay-history cashapp credit --rebuild`.

Revision ID: 0004
Revises: 0003
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JOURNALS = ("credit_assessments", "financial_statements", "scorecards")
SCORECARD = """
{
  "factors": [
    {"factor": "share_late", "weight": 110, "bins": [{"up_to": "0.05", "points": 100}, {"up_to": "0.15", "points": 80}, {"up_to": "0.30", "points": 60}, {"up_to": "0.50", "points": 35}, {"up_to": "0.75", "points": 15}, {"up_to": null, "points": 0}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "weighted_days_late", "weight": 120, "bins": [{"up_to": "0", "points": 100}, {"up_to": "5", "points": 85}, {"up_to": "15", "points": 60}, {"up_to": "30", "points": 35}, {"up_to": "60", "points": 10}, {"up_to": null, "points": 0}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "trend_days_late", "weight": 50, "bins": [{"up_to": "-5", "points": 100}, {"up_to": "2", "points": 75}, {"up_to": "10", "points": 40}, {"up_to": "30", "points": 15}, {"up_to": null, "points": 0}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "broken_promises", "weight": 55, "bins": [{"up_to": "0", "points": 100}, {"up_to": "1", "points": 50}, {"up_to": "2", "points": 20}, {"up_to": null, "points": 0}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "returned_payments", "weight": 45, "bins": [{"up_to": "0", "points": 100}, {"up_to": "1", "points": 30}, {"up_to": null, "points": 0}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "interest_cover", "weight": 81, "bins": [{"up_to": "-4.86", "points": 0}, {"up_to": "-0.657", "points": 16}, {"up_to": "-0.0369", "points": 47}, {"up_to": "0.991", "points": 100}, {"up_to": null, "points": 62}], "missing": {"handling": "points", "points": 23}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "sales_growth", "weight": 41, "bins": [{"up_to": "0.829", "points": 0}, {"up_to": "1.01", "points": 42}, {"up_to": null, "points": 100}], "missing": {"handling": "points", "points": 51}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "quick_ratio", "weight": 38, "bins": [{"up_to": "0.215", "points": 0}, {"up_to": "0.361", "points": 35}, {"up_to": "0.785", "points": 62}, {"up_to": null, "points": 100}], "missing": {"handling": "points", "points": 68}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "constant_capital_to_fixed_assets", "weight": 16, "bins": [{"up_to": "0.204", "points": 0}, {"up_to": "0.893", "points": 37}, {"up_to": "0.981", "points": 64}, {"up_to": "5.54", "points": 100}, {"up_to": null, "points": 69}], "missing": {"handling": "points", "points": 52}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "equity_to_liabilities", "weight": 16, "bins": [{"up_to": "-0.0386", "points": 0}, {"up_to": "0.477", "points": 34}, {"up_to": "2.22", "points": 62}, {"up_to": "6.4", "points": 100}, {"up_to": null, "points": 57}], "missing": {"handling": "points", "points": 50}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "cash_ratio", "weight": 15, "bins": [{"up_to": "0.00831", "points": 0}, {"up_to": "0.0492", "points": 34}, {"up_to": "1.8", "points": 67}, {"up_to": "3.62", "points": 100}, {"up_to": null, "points": 57}], "missing": {"handling": "points", "points": 51}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "earned_equity_to_assets", "weight": 13, "bins": [{"up_to": "-0.0556", "points": 0}, {"up_to": "0.332", "points": 40}, {"up_to": "0.511", "points": 62}, {"up_to": null, "points": 100}], "missing": {"handling": "points", "points": 50}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "sales_margin", "weight": 12, "bins": [{"up_to": "-0.148", "points": 0}, {"up_to": "-0.0519", "points": 23}, {"up_to": "-0.0122", "points": 48}, {"up_to": "0.047", "points": 79}, {"up_to": null, "points": 100}], "missing": {"handling": "points", "points": 66}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "receivable_days", "weight": 10, "bins": [{"up_to": "28.1", "points": 0}, {"up_to": "168.0", "points": 100}, {"up_to": null, "points": 20}], "missing": {"handling": "points", "points": 72}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "current_liabilities_days", "weight": 7, "bins": [{"up_to": "19.4", "points": 45}, {"up_to": "61.3", "points": 100}, {"up_to": "159.0", "points": 61}, {"up_to": "292.0", "points": 25}, {"up_to": null, "points": 0}], "missing": {"handling": "points", "points": 56}, "without_source": {"handling": "leave_out_and_reweight"}},
    {"factor": "bureau_score", "weight": 130, "bins": [{"up_to": "20", "points": 0}, {"up_to": "35", "points": 20}, {"up_to": "50", "points": 45}, {"up_to": "65", "points": 65}, {"up_to": "80", "points": 85}, {"up_to": null, "points": 100}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "altman_z2", "weight": 40, "bins": [{"up_to": "1.10", "points": 0}, {"up_to": "2.60", "points": 50}, {"up_to": null, "points": 100}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "insured_share", "weight": 80, "bins": [{"up_to": "0.25", "points": 20}, {"up_to": "0.50", "points": 45}, {"up_to": "0.99", "points": 70}, {"up_to": null, "points": 100}], "missing": {"handling": "leave_out_and_reweight"}, "without_source": null},
    {"factor": "relationship_months", "weight": 70, "bins": [{"up_to": "6", "points": 20}, {"up_to": "12", "points": 40}, {"up_to": "24", "points": 60}, {"up_to": "60", "points": 80}, {"up_to": null, "points": 100}], "missing": {"handling": "points", "points": 0}, "without_source": null},
    {"factor": "country", "weight": 50, "groups": [{"label": "high income, not classified by risk", "countries": ["AU", "AT", "BE", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "JP", "KR", "LT", "LU", "LV", "MT", "NL", "NO", "NZ", "PL", "PT", "SE", "SG", "SI", "SK", "US"], "points": 100}], "others": 40}
  ],
  "classes": [
    {"risk_class": "A", "score_from": 800, "payment_terms": "net 60", "review_months": 12, "credit": true},
    {"risk_class": "B", "score_from": 650, "payment_terms": "net 45", "review_months": 12, "credit": true},
    {"risk_class": "C", "score_from": 500, "payment_terms": "net 30", "review_months": 6, "credit": true},
    {"risk_class": "D", "score_from": 350, "payment_terms": "net 14", "review_months": 3, "credit": true},
    {"risk_class": "E", "score_from": 0, "payment_terms": "prepayment", "review_months": 3, "credit": false}
  ],
  "limit_methods": [
    {"method": "purchases", "share_pct": "150"},
    {"method": "share_of_equity", "share_pct": "10"},
    {"method": "insured_limit"},
    {"method": "bureau_limit"},
    {"method": "high_credit", "share_pct": "120"},
    {"method": "risk_class"}
  ],
  "items_min": 3,
  "statement_months_max": 24,
  "report_months_max": 12,
  "evidence_min_pct": 40,
  "thin_class": "C"
}
"""


def upgrade() -> None:
    op.create_table(
        "credit_assessments",
        sa.Column("assessment_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("scorecard_id", sa.String(length=64), nullable=False),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("risk_class", sa.String(length=1), nullable=False),
        sa.Column("recommended_limit", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("recommended_limit >= 0", name=op.f("ck_credit_assessments_not_negative")),
        sa.CheckConstraint("score between 0 and 1000", name=op.f("ck_credit_assessments_score")),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_credit_assessments")),
    )
    op.create_index(
        "ix_credit_assessments_customer", "credit_assessments", ["customer_id", "assessment_id"], unique=False
    )
    op.create_index("uq_credit_assessments_job", "credit_assessments", ["job_id", "customer_id"], unique=True)
    op.create_table(
        "financial_statements",
        sa.Column("statement_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("period_months", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("units", sa.String(length=16), nullable=False),
        sa.Column("audited", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("units in ('ones', 'thousands', 'millions')", name=op.f("ck_financial_statements_units")),
        sa.CheckConstraint("period_months between 1 and 24", name=op.f("ck_financial_statements_period")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_financial_statements")),
    )
    op.create_index(
        "ix_financial_statements_customer",
        "financial_statements",
        ["customer_id", "period_end", "statement_id"],
        unique=False,
    )
    op.create_table(
        "payment_records",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_by", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_payment_records")),
    )
    op.create_index("ix_payment_records_customer", "payment_records", ["customer_id", "issue_date"], unique=False)
    op.create_table(
        "scorecards",
        sa.Column("scorecard_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scorecard_id", "version", name=op.f("pk_scorecards")),
    )
    for table in JOURNALS:
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change_of_history()"
        )
    op.execute(
        sa.text(
            "insert into scorecards (scorecard_id, version, content, changed_by, changed_at) "
            "values ('default', 1, cast(:content as jsonb), 'openitem', now())"
        ).bindparams(content=json.dumps(json.loads(SCORECARD)))
    )


def downgrade() -> None:
    op.drop_table("scorecards")
    op.drop_index("ix_payment_records_customer", table_name="payment_records")
    op.drop_table("payment_records")
    op.drop_index("ix_financial_statements_customer", table_name="financial_statements")
    op.drop_table("financial_statements")
    op.drop_index("uq_credit_assessments_job", table_name="credit_assessments")
    op.drop_index("ix_credit_assessments_customer", table_name="credit_assessments")
    op.drop_table("credit_assessments")
