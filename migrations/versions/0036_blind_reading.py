"""Rounds that are read without names, files that tell who applies, and who was asked beforehand."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "round", sa.Column("is_blind", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "attachment",
        sa.Column("is_identifying", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "interest_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_interest_answer_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_interest_answer_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_answer")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_interest_answer_round_id")),
    )
