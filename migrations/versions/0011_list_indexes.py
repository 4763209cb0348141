"""Count, sort and page the applications of a round from indexes alone."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("state", "title"):
        op.drop_index(f"ix_application_round_id_{name}", table_name="application")
    for name in ("reference", "state", "title"):
        op.create_index(
            f"ix_application_round_id_{name}_number", "application", ["round_id", name, "number"]
        )
    op.create_index(
        "ix_assessment_application_id_state_total",
        "assessment",
        ["application_id", "state", "total"],
    )
