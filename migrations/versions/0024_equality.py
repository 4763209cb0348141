"""Count answers of equality monitoring, apart from who gave them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equality_count",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 1", name=op.f("ck_equality_count_people_at_least_one")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_equality_count_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "question", "code", name=op.f("pk_equality_count")),
    )
    op.create_table(
        "equality_asked",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_equality_asked_application_id_application"),
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_equality_asked")),
    )
