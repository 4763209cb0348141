"""Local rounds: the lines that ask for one, and what an award has set aside for theirs."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out, so that SQLite takes the check with the column instead of copying the table.
    op.execute(
        "ALTER TABLE proposed_project ADD COLUMN is_local_round BOOLEAN DEFAULT false NOT NULL"
    )
    op.execute(
        "ALTER TABLE award ADD COLUMN local_pots BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_award_local_pots_within_award"
        " CHECK (local_pots >= 0 AND own_costs + onward + local_pots <= amount)"
    )
