"""Versions of the fields of a score sheet, and the texts that two windows of it had."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ONE = (
    "CASE WHEN application_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN return_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN assessment_id IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "score_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_score_field_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_field")),
        sa.UniqueConstraint(
            "assessment_id", "question", "row", name=op.f("uq_score_field_assessment_id")
        ),
    )
    _hang_earlier_texts_on_sheets()


def _hang_earlier_texts_on_sheets() -> None:
    with op.batch_alter_table("earlier_text") as table:
        table.add_column(sa.Column("assessment_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_earlier_text_assessment_id_assessment"),
            "assessment",
            ["assessment_id"],
            ["id"],
        )
        table.create_index("ix_earlier_text_assessment_id", ["assessment_id"])
        table.drop_constraint(op.f("ck_earlier_text_application_or_return"), type_="check")
        table.create_check_constraint(op.f("ck_earlier_text_of_one_thing"), ONE)
