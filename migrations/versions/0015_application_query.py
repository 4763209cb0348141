"""What the fund asks about named answers of an application, and what is said to it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application_query",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("about_number", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("answered_number", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "is_whole OR answer_by IS NOT NULL",
            name=op.f("ck_application_query_answer_by_a_day"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)",
            name=op.f("ck_application_query_closed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (answered_number IS NULL)",
            name=op.f("ck_application_query_closed_with_a_version"),
        ),
        *_keys(
            "application_query",
            ("application_id", "application"),
            ("asked_by", "person"),
            ("closed_by", "person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_query")),
        sa.UniqueConstraint("key", name=op.f("uq_application_query_key")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_application_query_application_id")
        ),
    )
    op.create_table(
        "query_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.Integer(), nullable=True),
        *_keys("query_point", ("query_id", "application_query"), ("replied_by", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_point")),
        sa.UniqueConstraint("query_id", "question", "row", name=op.f("uq_query_point_query_id")),
    )


def _keys(table: str, *keys: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in keys
    ]
