"""Applications that a funder's people type for a group, and who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "helped_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "paper",
                "phone",
                "in-person",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("given_by", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("consent_how", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", AT, nullable=False),
        sa.Column("taken_over_at", AT, nullable=True),
        sa.Column("taken_over_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(taken_over_at IS NULL) = (taken_over_by IS NULL)",
            name=op.f("ck_helped_entry_taken_over_by_somebody"),
        ),
        *_keys(
            "helped_entry",
            ("application_id", "application"),
            ("entered_by", "person"),
            ("taken_over_by", "person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helped_entry")),
        sa.UniqueConstraint("application_id", name=op.f("uq_helped_entry_application_id")),
    )
    op.create_table(
        "application_helper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        *_keys("application_helper", ("application_id", "application"), ("person_id", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_helper")),
        sa.UniqueConstraint(
            "application_id", "person_id", name=op.f("uq_application_helper_application_id")
        ),
    )
    op.create_index("ix_application_helper_person_id", "application_helper", ["person_id"])


def _keys(table: str, *keys: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in keys
    ]
