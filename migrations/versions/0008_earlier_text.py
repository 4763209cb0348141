"""Texts that stood in an answer before somebody else's, so that nothing accepted is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earlier_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("return_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(application_id IS NULL) <> (return_id IS NULL)",
            name=op.f("ck_earlier_text_application_or_return"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_earlier_text_{column}_{table}")
            )
            for column, table in (
                ("application_id", "application"),
                ("return_id", "outcome_return"),
                ("written_by", "person"),
                ("replaced_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_text")),
    )
    op.create_index("ix_earlier_text_application_id", "earlier_text", ["application_id"])
    op.create_index("ix_earlier_text_return_id", "earlier_text", ["return_id"])
