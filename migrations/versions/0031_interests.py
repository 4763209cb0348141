"""What people told of their interests, and suggested conflicts that were set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
TIES = ("employer", "board", "member", "family", "address")


def upgrade() -> None:
    _interests()
    _overrides()


def _interests() -> None:
    op.create_table(
        "person_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "tie",
            sa.Enum(*TIES, name="tie", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("body", sa.String(length=300), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        _key("person_interest", "person_id", "person"),
        _key("person_interest", "round_id", "round"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_interest")),
        sa.UniqueConstraint("key", name=op.f("uq_person_interest_key")),
    )
    op.create_index("ix_person_interest_person_id", "person_interest", ["person_id"])


def _overrides() -> None:
    op.create_table(
        "conflict_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "made_by <> person_id", name=op.f("ck_conflict_override_not_for_oneself")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_conflict_override_with_a_reason")),
        _key("conflict_override", "application_id", "application"),
        _key("conflict_override", "person_id", "person"),
        _key("conflict_override", "made_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_override")),
        sa.UniqueConstraint(
            "application_id", "person_id", name=op.f("uq_conflict_override_application_id")
        ),
    )
    op.create_index(op.f("ix_conflict_override_person_id"), "conflict_override", ["person_id"])


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
