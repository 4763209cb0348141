"""Hours, training and expenses of volunteer assessors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "volunteer_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "time",
                "training",
                "expense",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_at", AT, nullable=False),
        sa.Column("approved_at", AT, nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'expense') = (amount IS NOT NULL)",
            name=op.f("ck_volunteer_entry_amount_of_expense"),
        ),
        sa.CheckConstraint(
            "(kind = 'time') = (minutes IS NOT NULL)",
            name=op.f("ck_volunteer_entry_minutes_of_time"),
        ),
        sa.CheckConstraint(
            "kind = 'expense' OR approved_at IS NULL",
            name=op.f("ck_volunteer_entry_approval_of_expense"),
        ),
        sa.CheckConstraint(
            "kind = 'time' OR application_id IS NULL", name=op.f("ck_volunteer_entry_bid_of_time")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)",
            name=op.f("ck_volunteer_entry_approved_by_somebody"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_volunteer_entry_amount_positive")),
        sa.CheckConstraint(
            "minutes > 0 AND minutes <= 1440", name=op.f("ck_volunteer_entry_minutes_of_one_day")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_volunteer_entry_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["person.id"], name=op.f("fk_volunteer_entry_approved_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_volunteer_entry_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_volunteer_entry_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_volunteer_entry_key")),
    )
    op.create_index(
        "ix_volunteer_entry_round_id_person_id",
        "volunteer_entry",
        ["round_id", "person_id"],
        unique=False,
    )
