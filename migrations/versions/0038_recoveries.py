"""What came back of an award and of its projects."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out, so that SQLite takes the check with the column instead of copying the table.
    op.execute(
        "ALTER TABLE award ADD COLUMN recovered BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_award_recovered_within_award"
        " CHECK (recovered >= 0 AND onward + local_pots + recovered <= amount)"
    )
    op.execute(
        "ALTER TABLE project ADD COLUMN recovered BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_project_recovered_within_project"
        " CHECK (recovered >= 0 AND recovered <= amount)"
    )
