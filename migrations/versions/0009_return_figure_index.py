"""Add up the figures of a round from an index alone."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_return_figure_question_code", table_name="return_figure")
    op.create_index(
        "ix_return_figure_question_code_return_id_number",
        "return_figure",
        ["question", "code", "return_id", "number"],
    )
