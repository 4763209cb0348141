"""Scenarios of a round's funding line, what is pinned in them, and why an award departs from rank."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DECISIONS = ("undecided", "full", "part", "reserve", "out")


def upgrade() -> None:
    op.execute("ALTER TABLE award ADD COLUMN departure TEXT DEFAULT '' NOT NULL")
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("measure", sa.String(60), nullable=False),
        sa.Column("budgets", JSON, nullable=False),
        sa.Column("basis", JSON, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.Integer(), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserves", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(adopted_by IS NULL) = (adopted_at IS NULL)",
            name=op.f("ck_scenario_adopted_by_somebody"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_scenario_{column}_{table}")
            )
            for column, table in (
                ("round_id", "round"),
                ("made_by", "person"),
                ("adopted_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("key", name=op.f("uq_scenario_key")),
        sa.UniqueConstraint("round_id", "made_by", "name", name=op.f("uq_scenario_round_id")),
    )
    op.create_table(
        "scenario_pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.String(60), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                *DECISIONS, native_enum=False, create_constraint=True, length=30, name="decision"
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_scenario_pin_amount_not_negative")),
        sa.CheckConstraint(
            "(decision = 'part') = (amount > 0)", name=op.f("ck_scenario_pin_amount_of_a_part")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_scenario_pin_{column}_{table}")
            )
            for column, table in (("scenario_id", "scenario"), ("application_id", "application"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_pin")),
        sa.UniqueConstraint(
            "scenario_id", "application_id", "row", name=op.f("uq_scenario_pin_scenario_id")
        ),
    )
    op.create_index("ix_scenario_pin_application_id", "scenario_pin", ["application_id"])
