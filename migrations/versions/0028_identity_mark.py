"""Marks by which likely duplicates are found, and what people said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        _key("identity_mark", "application_id", "application"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_mark")),
        sa.UniqueConstraint(
            "application_id", "kind", "value", name=op.f("uq_identity_mark_application_id")
        ),
    )
    op.create_index(
        "ix_identity_mark_kind_value", "identity_mark", ["kind", "value", "application_id"]
    )
    op.create_table(
        "duplicate_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        _key("duplicate_verdict", "said_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_verdict")),
        sa.UniqueConstraint("key", name=op.f("uq_duplicate_verdict_key")),
    )
    op.create_table(
        "verdict_member",
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        _key("verdict_member", "verdict_id", "duplicate_verdict"),
        _key("verdict_member", "application_id", "application"),
        sa.PrimaryKeyConstraint("verdict_id", "application_id", name=op.f("pk_verdict_member")),
    )
    op.create_index("ix_verdict_member_application_id", "verdict_member", ["application_id"])


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
