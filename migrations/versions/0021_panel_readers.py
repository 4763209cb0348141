"""What each assessor brings to one round: the most they hold, the areas they know, their seat."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "panel_reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("in_lived_seat", sa.Boolean(), nullable=False),
        sa.Column("stood_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("most >= 0", name=op.f("ck_panel_reader_most_not_negative")),
        *_keys("panel_reader", ("round_id", "round"), ("person_id", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_reader")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_panel_reader_round_id")),
    )
    op.create_index(op.f("ix_panel_reader_person_id"), "panel_reader", ["person_id"])
    op.create_table(
        "panel_reader_area",
        sa.Column("panel_reader_id", sa.Integer(), nullable=False),
        sa.Column("allocation_area_id", sa.Integer(), nullable=False),
        *_keys(
            "panel_reader_area",
            ("panel_reader_id", "panel_reader"),
            ("allocation_area_id", "allocation_area"),
        ),
        sa.PrimaryKeyConstraint(
            "panel_reader_id", "allocation_area_id", name=op.f("pk_panel_reader_area")
        ),
    )


def _keys(table: str, *keys: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in keys
    ]
