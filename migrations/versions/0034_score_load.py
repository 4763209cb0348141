"""Where a score workbook waits until its assessor says yes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "score_load",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_score_load_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_score_load_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_load")),
        sa.UniqueConstraint("key", name=op.f("uq_score_load_key")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_score_load_round_id")),
    )
    op.create_index("ix_score_load_made_at", "score_load", ["made_at"], unique=False)
