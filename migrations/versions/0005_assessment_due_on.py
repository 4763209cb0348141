"""The day by which an assessor's scores are hoped for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessment", sa.Column("due_on", sa.Date(), nullable=True))
