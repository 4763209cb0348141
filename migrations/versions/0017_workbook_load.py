"""Keep what a workbook would change until its sender says yes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workbook_load",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workbook_load")),
        sa.UniqueConstraint("key", name=op.f("uq_workbook_load_key")),
        sa.UniqueConstraint(
            "application_id", "person_id", name=op.f("uq_workbook_load_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_workbook_load_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_workbook_load_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["round_definition.id"],
            name=op.f("fk_workbook_load_definition_id_round_definition"),
        ),
    )
    op.create_index("ix_workbook_load_made_at", "workbook_load", ["made_at"])
