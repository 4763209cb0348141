"""Keep what was submitted when scores are opened again, and who asks for it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "reopen_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_reopen_request_reason_given")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_reopen_request_answered_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_reopen_request_answered_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_reopen_request_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reopen_request_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopen_request")),
        sa.UniqueConstraint(
            "application_id", "person_id", name=op.f("uq_reopen_request_application_id")
        ),
    )
    op.create_index(
        op.f("ix_reopen_request_person_id"), "reopen_request", ["person_id"], unique=False
    )
    op.create_table(
        "score_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("submitted_at", AT, nullable=False),
        sa.Column("total", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("reopened_at", AT, nullable=False),
        sa.Column("reopened_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_score_history_reason_given")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_score_history_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_score_history_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["person.id"], name=op.f("fk_score_history_reopened_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["application_version.id"],
            name=op.f("fk_score_history_version_id_application_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_history")),
        sa.UniqueConstraint(
            "application_id", "person_id", "number", name=op.f("uq_score_history_application_id")
        ),
    )
    op.create_index(
        op.f("ix_score_history_person_id"), "score_history", ["person_id"], unique=False
    )
