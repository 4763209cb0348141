"""When a person last showed, in this session, that it is still they."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sign_in_session", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True)
    )
