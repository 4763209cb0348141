"""Sample applications that the assessors of a round score before the real ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _sets()
    _samples()
    _readings()


def _sets() -> None:
    op.create_table(
        "calibration_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", AT, nullable=True),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (opened_by IS NULL)",
            name=op.f("ck_calibration_set_opened_by_somebody"),
        ),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (definition_id IS NULL)",
            name=op.f("ck_calibration_set_opened_on_a_form"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)",
            name=op.f("ck_calibration_set_closed_by_somebody"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR opened_at IS NOT NULL",
            name=op.f("ck_calibration_set_opened_then_closed"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_calibration_set_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["round_definition.id"],
            name=op.f("fk_calibration_set_definition_id_round_definition"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["person.id"], name=op.f("fk_calibration_set_opened_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["person.id"], name=op.f("fk_calibration_set_closed_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_set")),
        sa.UniqueConstraint("round_id", name=op.f("uq_calibration_set_round_id")),
    )


def _samples() -> None:
    op.create_table(
        "calibration_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("applicant", sa.String(length=300), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("agreed", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["calibration_set.id"],
            name=op.f("fk_calibration_sample_set_id_calibration_set"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_sample")),
        sa.UniqueConstraint("key", name=op.f("uq_calibration_sample_key")),
        sa.UniqueConstraint("set_id", "number", name=op.f("uq_calibration_sample_set_id")),
    )


def _readings() -> None:
    op.create_table(
        "calibration_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("total", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (total IS NULL)",
            name=op.f("ck_calibration_reading_total_when_sent"),
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["calibration_sample.id"],
            name=op.f("fk_calibration_reading_sample_id_calibration_sample"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calibration_reading_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_reading")),
        sa.UniqueConstraint(
            "sample_id", "person_id", name=op.f("uq_calibration_reading_sample_id")
        ),
    )
    op.create_index(
        op.f("ix_calibration_reading_person_id"), "calibration_reading", ["person_id"], unique=False
    )
