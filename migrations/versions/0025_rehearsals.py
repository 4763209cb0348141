"""Rehearsals of a round, and what belongs to one."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BELONG = ("organisation", "person", "round", "outbox_message")


def upgrade() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_rehearsal_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_rehearsal_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index(
        "ix_rehearsal_one_at_a_time",
        "rehearsal",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    # Written out, so that SQLite takes the reference with the column instead of copying the table.
    for table in BELONG:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN rehearsal_id INTEGER"
            f" CONSTRAINT fk_{table}_rehearsal_id_rehearsal REFERENCES rehearsal (id)"
        )
        op.create_index(f"ix_{table}_rehearsal_id", table, ["rehearsal_id"])
    op.execute(
        "ALTER TABLE sign_in_session ADD COLUMN plays_id INTEGER"
        " CONSTRAINT fk_sign_in_session_plays_id_person REFERENCES person (id)"
    )
