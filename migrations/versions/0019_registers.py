"""Registers of charities and companies, loaded from files."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loaded_register",
        _register(),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "register IN ('charities', 'companies')", name=op.f("ck_loaded_register_register")
        ),
        sa.ForeignKeyConstraint(
            ["loaded_by"], ["person.id"], name=op.f("fk_loaded_register_loaded_by_person")
        ),
        sa.PrimaryKeyConstraint("register", name=op.f("pk_loaded_register")),
    )
    op.create_table(
        "registered_body",
        sa.Column("id", sa.Integer(), nullable=False),
        _register(),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "register IN ('charities', 'companies')", name=op.f("ck_registered_body_register")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_body")),
        sa.UniqueConstraint("register", "number", name=op.f("uq_registered_body_register_number")),
    )


def _register() -> sa.Column:
    return sa.Column("register", sa.String(length=30), nullable=False)
