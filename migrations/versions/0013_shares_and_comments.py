"""People invited to one application, and what its people say to each other about it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("may", sa.String(length=30), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("invited_at", AT, nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        _check("share", "may", "may IN ('view', 'comment', 'edit')"),
        _check("share", "person_when_taken", "(person_id IS NULL) = (taken_at IS NULL)"),
        _check("share", "ended_by_somebody", "(ended_by IS NULL) = (ended_at IS NULL)"),
        _check("share", "ends_later", "ends_at > invited_at"),
        *_foreign("share", application_id="application"),
        *_foreign("share", invited_by="person", person_id="person", ended_by="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("key", name=op.f("uq_share_key")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_share_token_sha256")),
    )
    op.create_index("ix_share_application_id", "share", ["application_id"])
    op.create_index("ix_share_person_id", "share", ["person_id"])
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", AT, nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("resolved_at", AT, nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.Column("told_at", AT, nullable=True),
        _check("comment", "resolved_by_somebody", "(resolved_at IS NULL) = (resolved_by IS NULL)"),
        _check("comment", "threads_resolved", "thread_id IS NULL OR resolved_at IS NULL"),
        *_foreign("comment", application_id="application", thread_id="comment"),
        *_foreign("comment", written_by="person", resolved_by="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("key", name=op.f("uq_comment_key")),
    )
    op.create_index(
        "ix_comment_application_id_question", "comment", ["application_id", "question", "row"]
    )
    op.create_index("ix_comment_thread_id", "comment", ["thread_id"])
    op.create_index("ix_comment_told_at", "comment", ["told_at"])


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _foreign(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in columns.items()
    ]
