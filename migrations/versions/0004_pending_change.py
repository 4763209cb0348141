"""Changes to a person's rights that wait for a second administrator."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLES = (
    "applicant-editor applicant-submitter signatory project-reporter partnership-officer assessor "
    "fund-manager approver finance evaluator auditor administrator"
).split()


def _one_of(words: list[str], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "pending_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of(["role", "second-factor"], "kind"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("fund", sa.String(length=60), nullable=True),
        sa.Column("role", _one_of(ROLES, "role"), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'role') = (role IS NOT NULL AND organisation_id IS NOT NULL)",
            name=op.f("ck_pending_change_role_has_its_place"),
        ),
        sa.CheckConstraint("asked_by <> person_id", name=op.f("ck_pending_change_not_for_oneself")),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by <> asked_by AND decided_by <> person_id)"
            " OR NOT is_confirmed",
            name=op.f("ck_pending_change_confirmed_by_a_second"),
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_pending_change_decided_at_when_decided"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_pending_change_{column}_{table}")
            )
            for column, table in (
                ("person_id", "person"),
                ("organisation_id", "organisation"),
                ("asked_by", "person"),
                ("decided_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_change")),
        sa.UniqueConstraint("key", name=op.f("uq_pending_change_key")),
    )
    op.create_index("ix_pending_change_person_id", "pending_change", ["person_id"])
