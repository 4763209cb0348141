"""Remember the fingerprint of a file as it was sent, beside that of what is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachment", sa.Column("sent_sha256", sa.String(length=64), nullable=True))
