"""The audit trail and the ledger can be added to, never changed; issued letters keep their words."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

START = "0" * 64
KEPT = ("audit_entry", "ledger_line")
FROZEN_LETTER = (
    "OLD.state <> 'drafted' AND (NEW.content IS DISTINCT FROM OLD.content"
    " OR NEW.sha256 <> OLD.sha256 OR NEW.number <> OLD.number OR NEW.code <> OLD.code)"
)


def upgrade() -> None:
    op.execute(
        sa.text("INSERT INTO audit_head (id, entries, hash) VALUES (1, 0, :start)").bindparams(
            start=START
        )
    )
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for table in KEPT:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
            )
    condition = FROZEN_LETTER.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        f"CREATE TRIGGER letter_frozen BEFORE UPDATE ON letter WHEN {condition} "
        "BEGIN SELECT RAISE(ABORT, 'an issued letter never changes'); END"
    )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% can only be added to', TG_TABLE_NAME; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_letter_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'an issued letter never changes'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER letter_frozen BEFORE UPDATE ON letter FOR EACH ROW WHEN ({FROZEN_LETTER}) "
        "EXECUTE FUNCTION refuse_letter_change()"
    )
