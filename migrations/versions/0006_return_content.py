"""A return as it was last sent, so that nobody at the fund reads what is being written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("outcome_return", sa.Column("content", kind, nullable=True))
