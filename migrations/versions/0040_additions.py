"""Projects in reserve that join their award after it was released."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

STATES = ("recommended", "approved", "dropped", "released", "accepted", "declined", "lapsed")
PEOPLE = ("recommended_by", "decided_by", "released_by", "answered_by")


def upgrade() -> None:
    op.create_table(
        "addition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("proposed_project_id", sa.Integer(), nullable=False),
        sa.Column("budget_strand_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("departure", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recommended_by", sa.Integer(), nullable=False),
        sa.Column("recommended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accept_by", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_addition_amount_above_nothing")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'released', 'accepted') OR decided_at IS NOT NULL",
            name=op.f("ck_addition_decided_at_when_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('released', 'accepted', 'declined', 'lapsed')"
            " OR released_at IS NOT NULL",
            name=op.f("ck_addition_released_at_when_released"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR recommended_by <> decided_by",
            name=op.f("ck_addition_recommender_is_not_approver"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_addition_{column}_{table}")
            )
            for column, table in (
                ("award_id", "award"),
                ("proposed_project_id", "proposed_project"),
                ("budget_strand_id", "budget_strand"),
                *((column, "person") for column in PEOPLE),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addition")),
        sa.UniqueConstraint("key", name=op.f("uq_addition_key")),
    )
    op.create_index("ix_addition_award_id_state", "addition", ["award_id", "state"])
    is_open = sa.text("state IN ('recommended', 'approved', 'released')")
    op.create_index(
        "ix_addition_one_at_a_time",
        "addition",
        ["proposed_project_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    # Written out, so that SQLite takes the reference with the column instead of copying the table.
    op.execute(
        "ALTER TABLE approval ADD COLUMN addition_id INTEGER"
        " CONSTRAINT fk_approval_addition_id_addition REFERENCES addition (id)"
    )
