"""Scores that came on paper: who typed them, the scanned sheets, and who confirmed them."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _note_who_typed()
    _paper_scores()
    _hands()
    _scans()


def _note_who_typed() -> None:
    with op.batch_alter_table("score_field") as table:
        table.add_column(sa.Column("typed_by", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_score_field_typed_by_person"), "person", ["typed_by"], ["id"]
        )


def _paper_scores() -> None:
    op.create_table(
        "paper_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("checker", _word("checker", "assessor", "colleague"), nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=False),
        sa.Column("begun_at", AT, nullable=False),
        sa.Column("finished_at", AT, nullable=True),
        sa.Column("finished_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (finished_by IS NULL)",
            name=op.f("ck_paper_scores_finished_by_somebody"),
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)",
            name=op.f("ck_paper_scores_confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR (finished_by IS NOT NULL AND confirmed_by <> finished_by)",
            name=op.f("ck_paper_scores_confirmed_by_another"),
        ),
        _of("paper_scores", "assessment_id", "assessment"),
        _of("paper_scores", "begun_by", "person"),
        _of("paper_scores", "confirmed_by", "person"),
        _of("paper_scores", "finished_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_scores")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_paper_scores_assessment_id")),
    )


def _hands() -> None:
    op.create_table(
        "paper_hand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        _of("paper_hand", "application_id", "application"),
        _of("paper_hand", "person_id", "person"),
        _of("paper_hand", "reader_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_hand")),
        sa.UniqueConstraint(
            "application_id", "reader_id", "person_id", name=op.f("uq_paper_hand_application_id")
        ),
    )
    op.create_index(op.f("ix_paper_hand_person_id"), "paper_hand", ["person_id"])


def _scans() -> None:
    op.create_table(
        "paper_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("scan", _word("scan", "waiting", "clean", "infected"), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", AT, nullable=False),
        sa.Column("removed_at", AT, nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_paper_scan_size_not_negative")),
        _of("paper_scan", "assessment_id", "assessment"),
        _of("paper_scan", "uploaded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_scan")),
        sa.UniqueConstraint("key", name=op.f("uq_paper_scan_key")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paper_scan_storage_key")),
    )
    op.create_index(op.f("ix_paper_scan_assessment_id"), "paper_scan", ["assessment_id"])


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
