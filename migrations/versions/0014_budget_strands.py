"""Strands of a round's pot, and what of each award comes from which."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_strand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("strand", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_budget_strand_amount_not_negative")),
        sa.CheckConstraint(
            "committed >= 0 AND committed <= amount",
            name=op.f("ck_budget_strand_committed_within_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_budget_strand_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_strand")),
        sa.UniqueConstraint("round_id", "strand", name=op.f("uq_budget_strand_round_id_strand")),
    )
    op.create_table(
        "award_strand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("budget_strand_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_award_strand_amount_above_nothing")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_award_strand_award_id_award")
        ),
        sa.ForeignKeyConstraint(
            ["budget_strand_id"],
            ["budget_strand.id"],
            name=op.f("fk_award_strand_budget_strand_id_budget_strand"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_strand")),
        sa.UniqueConstraint(
            "award_id", "budget_strand_id", name=op.f("uq_award_strand_award_id_budget_strand_id")
        ),
    )
    op.create_index("ix_award_strand_budget_strand_id", "award_strand", ["budget_strand_id"])
