"""What is said to a query is saved as it is typed, and nobody overwrites another's words unseen."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "query_point", sa.Column("version", sa.Integer(), nullable=False, server_default="0")
    )
