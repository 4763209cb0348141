"""Meetings of a panel, what they recorded, and the scores they agreed beside the originals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PRESENCES = "'expected', 'present', 'apologies', 'absent'"
OUTCOMES = "'waiting', 'scored', 'recommended', 'deferred'"


def upgrade() -> None:
    _meeting()
    _members()
    _items()
    _moderated()


def _meeting() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("chair_id", sa.Integer(), nullable=False),
        sa.Column("secretary_id", sa.Integer(), nullable=False),
        sa.Column("planned_by", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening", sa.Text(), nullable=True),
        sa.Column("corrected_by", sa.Integer(), nullable=True),
        sa.Column("frozen", JSON, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quorum > 0", name=op.f("ck_meeting_quorum_of_somebody")),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)", name=op.f("ck_meeting_signed_by_somebody")
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (sha256 IS NULL)", name=op.f("ck_meeting_frozen_when_signed")
        ),
        _key("meeting", "round_id", "round"),
        _key("meeting", "chair_id", "person"),
        _key("meeting", "secretary_id", "person"),
        _key("meeting", "planned_by", "person"),
        _key("meeting", "corrected_by", "person"),
        _key("meeting", "signed_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("key", name=op.f("uq_meeting_key")),
    )
    op.create_index(op.f("ix_meeting_round_id"), "meeting", ["round_id"])


def _members() -> None:
    op.create_table(
        "meeting_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("presence", sa.String(length=30), nullable=False),
        sa.Column("arrived", sa.String(length=5), nullable=False),
        sa.Column("went", sa.String(length=5), nullable=False),
        sa.CheckConstraint(f"presence IN ({PRESENCES})", name=op.f("ck_meeting_member_presence")),
        _key("meeting_member", "meeting_id", "meeting"),
        _key("meeting_member", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_member")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_meeting_member_meeting_id")),
    )
    op.create_index(op.f("ix_meeting_member_person_id"), "meeting_member", ["person_id"])


def _items() -> None:
    op.create_table(
        "meeting_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("votes", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Text(), nullable=False),
        sa.Column("corrected", sa.Text(), nullable=True),
        sa.Column("corrected_by", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_meeting_item_outcome")),
        sa.CheckConstraint(
            "(outcome = 'waiting') = (recorded_at IS NULL)",
            name=op.f("ck_meeting_item_recorded_when_taken"),
        ),
        _key("meeting_item", "meeting_id", "meeting"),
        _key("meeting_item", "application_id", "application"),
        _key("meeting_item", "corrected_by", "person"),
        _key("meeting_item", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_item")),
        sa.UniqueConstraint(
            "meeting_id", "application_id", name=op.f("uq_meeting_item_meeting_id")
        ),
    )
    op.create_index(op.f("ix_meeting_item_application_id"), "meeting_item", ["application_id"])


def _moderated() -> None:
    op.create_table(
        "moderated_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("meeting_item_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("present", JSON, nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        _key("moderated_score", "application_id", "application"),
        _key("moderated_score", "meeting_item_id", "meeting_item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderated_score")),
        sa.UniqueConstraint(
            "application_id", "criterion", name=op.f("uq_moderated_score_application_id")
        ),
    )


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
