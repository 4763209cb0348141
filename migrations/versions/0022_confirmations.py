"""Requests to confirm an application before it is sent, and who did, kept with each version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NOT_OVER = sa.text("reply <> 'over'")


def upgrade() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=True),
        sa.Column("code_until", AT, nullable=True),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("visit_sha256", sa.String(length=64), nullable=True),
        sa.Column("visit_until", AT, nullable=True),
        sa.Column("reply", sa.String(length=30), nullable=False),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        _check("kind", "kind IN ('sign-off', 'partner')"),
        _check("reply", "reply IN ('waiting', 'confirmed', 'sent-back', 'over')"),
        _check("row_of_a_partner", "(kind = 'partner') = (row <> '')"),
        _check(
            "decided_at_when_decided",
            "reply NOT IN ('confirmed', 'sent-back') OR decided_at IS NOT NULL",
        ),
        _check("confirmed_something", "reply <> 'confirmed' OR content_sha256 IS NOT NULL"),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{to}.id"], name=op.f(f"fk_confirmation_{column}_{to}")
            )
            for column, to in (("application_id", "application"), ("asked_by", "person"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("key", name=op.f("uq_confirmation_key")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_confirmation_token_sha256")),
    )
    op.create_index(
        "uq_confirmation_one_at_a_time",
        "confirmation",
        ["application_id", "kind", "row"],
        unique=True,
        sqlite_where=NOT_OVER,
        postgresql_where=NOT_OVER,
    )
    op.add_column("application_version", sa.Column("confirmed", JSON, nullable=True))


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_confirmation_{name}"))
