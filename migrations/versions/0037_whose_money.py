"""Authority to approve says whose money it covers."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# Where a person approves for one organisation alone, it is that one's. Whoever approves for several
# is left without: an authority is not guessed, so an administrator gives it anew.
FILL = """
UPDATE delegation SET organisation_id = (
    SELECT min(membership.organisation_id) FROM membership
    WHERE membership.person_id = delegation.person_id AND membership.role = 'approver'
    AND (membership.fund IS NULL OR membership.fund = delegation.fund)
    HAVING count(DISTINCT membership.organisation_id) = 1
)
"""


def upgrade() -> None:
    # Written out, so that SQLite takes the reference with the column instead of copying the table.
    op.execute(
        "ALTER TABLE delegation ADD COLUMN organisation_id INTEGER"
        " CONSTRAINT fk_delegation_organisation_id_organisation REFERENCES organisation (id)"
    )
    op.execute(sa.text(FILL))
