"""What an organisation's profile holds beside its address, and where answers were taken from."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out, so that SQLite takes the columns without copying the table.
    op.execute("ALTER TABLE organisation ADD COLUMN profile_version INTEGER DEFAULT 1 NOT NULL")
    instant = (
        "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    )
    op.execute(f"ALTER TABLE organisation ADD COLUMN profile_changed_at {instant}")
    op.execute(
        "ALTER TABLE organisation ADD COLUMN profile_changed_by INTEGER"
        " CONSTRAINT fk_organisation_profile_changed_by_person REFERENCES person (id)"
    )
    _listed("organisation_person", sa.Column("role", sa.Text(), nullable=False))
    _listed(
        "organisation_partner",
        sa.Column("partner_type", sa.String(length=60), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
    )
    op.create_table(
        "answer_origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("row", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_application_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_answer_origin_{column}_{table}")
            )
            for column, table in (
                ("application_id", "application"),
                ("from_application_id", "application"),
                ("taken_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_origin")),
        sa.UniqueConstraint(
            "application_id",
            "question",
            "row",
            name=op.f("uq_answer_origin_application_id_question_row"),
        ),
    )


def _listed(table: str, *columns: sa.Column) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f(f"fk_{table}_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "organisation_id", "place", name=op.f(f"uq_{table}_organisation_id_place")
        ),
    )
